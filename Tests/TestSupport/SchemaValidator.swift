import Foundation
import FurrowSystem

/// A validator of JSON Schema that knows nothing of Furrow: the Python package jsonschema.
package enum SchemaValidator {
    /// A Python that has the validator.
    package static let python: String? = {
        let environment = ProcessInfo.processInfo.environment
        let peers =
            environment["PEERS_ENV"] ?? "\(environment["HOME"] ?? "/root")/.cache/furrow-peers"
        return ["\(peers)/bin/python", "python3"].first {
            (try? Subprocess.run([$0, "-c", "import jsonschema"], limit: 60)) != nil
        }
    }()

    /// Why tests are skipped that need it.
    package static let absence = "no Python here has the package jsonschema: make validator"

    private struct Failure: Error, CustomStringConvertible { let description: String }

    /// Which documents a schema refuses.
    ///
    /// - Parameters:
    ///   - documents: documents in JSON.
    ///   - schema: the schema.
    /// - Returns: the indices of those that it refuses.
    /// - Throws: if the schema is none, or a document is not JSON.
    package static func refused(_ documents: [String], by schema: String) throws -> [Int] {
        let scratch = try Scratch()
        try scratch.write(schema, to: "schema.json")
        try scratch.write("[\(documents.joined(separator: ",\n"))]", to: "documents.json")
        let script = """
            import json, jsonschema
            schema = json.load(open("schema.json"))
            jsonschema.Draft202012Validator.check_schema(schema)
            validator = jsonschema.Draft202012Validator(schema)
            for number, document in enumerate(json.load(open("documents.json"))):
                if not validator.is_valid(document): print(number)
            """
        let run = try Execution.run([python ?? "python3", "-c", script], in: scratch.url)
        guard run.status == 0 else { throw Failure(description: run.errors) }
        return run.output.split(separator: "\n").compactMap { Int($0) }
    }
}
