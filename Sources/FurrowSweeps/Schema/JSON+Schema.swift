import Foundation
import FurrowRuns

/// Shapes of JSON Schema.
extension JSON {
    /// Any value.
    static var anything: JSON { .object([]) }

    static func type(_ name: String) -> JSON { .object([Member("type", .text(name))]) }

    static func reference(_ name: String) -> JSON {
        .object([Member("$ref", .text("#/$defs/\(name)"))])
    }

    static func any(of forms: [JSON]) -> JSON { .object([Member("anyOf", .array(forms))]) }

    /// A null, or values of other types.
    static func null(or types: [String]) -> JSON {
        .object([Member("type", .array((["null"] + types).map { .text($0) }))])
    }

    /// A single value that is used as text, whatever YAML takes it for.
    static var text: JSON {
        .object([Member("type", .array(["string", "number", "boolean"].map { .text($0) }))])
    }

    /// A text of a form.
    static func matching(_ pattern: String) -> JSON {
        .object([Member("type", .text("string")), Member("pattern", .text(pattern))])
    }

    static func integer(_ range: ClosedRange<Int>) -> JSON {
        var members = [
            Member("type", .text("integer")), Member("minimum", .number("\(range.lowerBound)")),
        ]
        if range.upperBound < .max {
            members.append(Member("maximum", .number("\(range.upperBound)")))
        }
        return .object(members)
    }

    static func list(of form: JSON, least: Int = 0) -> JSON {
        .object([
            Member("type", .text("array")), Member("items", form),
            Member("minItems", .number("\(least)")),
        ])
    }

    /// One value, or a list of such.
    static func oneOrMore(_ form: JSON) -> JSON { .any(of: [form, .list(of: form, least: 1)]) }

    /// A mapping with some keys and no others.
    static func mapping(_ keys: [Member], required: [String] = []) -> JSON {
        .object([
            Member("type", .text("object")), Member("properties", .object(keys)),
            Member("required", .array(required.map { .text($0) })),
            Member("additionalProperties", .boolean(false)),
        ])
    }
}

extension JSON {
    /// The value over several lines, members by name.
    var pretty: String {
        let compact = Data(description.utf8)
        guard let value = try? JSONSerialization.jsonObject(with: compact),
            let pretty = try? JSONSerialization.data(
                withJSONObject: value,
                options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            )
        else { return description }
        return String(decoding: pretty, as: UTF8.self)
    }
}

extension JSON.Member {
    /// The version of JSON Schema.
    static var schemaVersion: JSON.Member {
        JSON.Member("$schema", .text("https://json-schema.org/draft/2020-12/schema"))
    }
}
