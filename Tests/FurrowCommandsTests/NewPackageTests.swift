import Foundation
import FurrowSystem
import TestSupport
import Testing

@testable import FurrowCommands

@Suite struct NewPackageTests {
    @Test func theManifestIsReadByTheCompilerAndTheProgramIsTheExample() throws {
        let scratch = try Scratch()
        let place = scratch.url.appendingPathComponent("my-sweep").path
        let package = try NewPackage("my-sweep", furrow: "../furrow")
        try package.write(in: scratch.path)
        #expect(throws: UsageError.self) { try package.write(in: scratch.path) }
        let dump = try Subprocess.run(
            ["swift", "package", "--package-path", place, "dump-package"],
            limit: 120
        )
        let manifest =
            try JSONSerialization.jsonObject(with: Data(dump.output.utf8)) as? [String: Any]
        #expect(manifest?["name"] as? String == "my-sweep")
        #expect((manifest?["dependencies"] as? [Any])?.count == 2)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let copies = [
            ("Sources/my-sweep/Program.swift", "Program.swift"),
            ("my-sweep.yaml", "pendulum.yaml"),
        ]
        for (copy, original) in copies {
            let example = root.appendingPathComponent("Sources/Examples/Pendulum/\(original)")
            let text = try String(contentsOf: example, encoding: .utf8)
            #expect(try scratch.text("my-sweep/\(copy)") == text)
        }
    }

    @Test(arguments: ["", "1st", "a b", "../a", "a/b", "furrow", "Furrow", "Clone"])
    func aNameThatCannotBeOneIsRefused(name: String) {
        for place in ["/some/clone", "https://example.com/clone.git"] {
            #expect(throws: UsageError.self) { try NewPackage(name, furrow: place) }
        }
    }
}
