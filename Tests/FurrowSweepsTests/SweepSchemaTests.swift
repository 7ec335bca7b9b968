import Foundation
import FurrowConfiguration
import FurrowRuns
import FurrowSystem
import TestSupport
import Testing

@testable import FurrowSweeps

/// The schema of sweep files, by a validator that knows nothing of Furrow.
@Suite(
    .enabled(
        if: SchemaValidator.python != nil,
        Comment(rawValue: SchemaValidator.absence)
    ),
    .timeLimit(.minutes(4))
)
struct SweepSchemaTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Which of some sweeps the validator refuses.
    private func refused(_ sweeps: [String]) throws -> Set<String> {
        let documents = try sweeps.map { try Configuration(parsing: $0, file: "sweep").root.json }
        return Set(try SchemaValidator.refused(documents, by: SweepSchema.text).map { sweeps[$0] })
    }

    /// The sweeps of the book and of the examples.
    @Test func whatTheBookShowsIsValid() throws {
        var sweeps: [String] = []
        for folder in ["Sources/Furrow/Furrow.docc", "Sources/Examples", "."] {
            let folder = Self.root.appendingPathComponent(folder)
            let names = try FileManager.default.subpathsOfDirectory(
                atPath: folder.path
            ).filter { !$0.hasPrefix(".") && (folder != Self.root || $0 == "README.md") }
            for name in names where name.hasSuffix(".md") || name.hasSuffix(".yaml") {
                let text = try String(
                    contentsOfFile: folder.appendingPathComponent(name).path,
                    encoding: .utf8
                )
                if name.hasSuffix(".yaml") {
                    sweeps.append(text)
                } else {
                    sweeps += text.components(separatedBy: "\n```yaml\n").dropFirst().map {
                        $0.components(separatedBy: "\n```")[0] + "\n"
                    }
                }
            }
        }
        // A configuration of an application in Swift is none.
        sweeps = sweeps.filter { text in
            let keys = (try? Configuration(parsing: text, file: "").root.entries)?.map(\.key) ?? []
            return !Set(keys).isDisjoint(with: ["command", "tasks", "stages"])
        }
        #expect(sweeps.count > 20)
        #expect(try refused(sweeps) == [])
    }

    @Test func everyFormIsValid() throws {
        let forms = [
            "command: run", "command: 7", "command: [a, 1, true, null, [b, '{job?}']]",
            "tasks: list\nnull-separated: true", "command: a\nshell: [bash, -e]",
            "command: a\nsuccess: 3\nretry-on: SIGKILL\nonly: 1\nshard: 1/4",
            "command: a\nparameters: {x: {grid: [1, 2, 3]}}\nonly: [1, 2..3]",
            "command: a\nretry-on: [75, signal, timeout]\nsuccess: ['0', 3]\noutput-limit: 1G",
            "command: a\noutput-limit: 5\ntimeout: 02:00:00\nretry-delay: 0\ndelay: 0.1s\nretries: '3'",
            "command: a\nparameters:\nresults:\nenv:\ninclude:\nexclude:",
            "command: a\nparameters: {range: {a: 1, b: 2}, file: x, x: {range: 3, y: {zip: {a: [1]}}}}",
            "command: a\nparameters: {x: {grid: [{a: 1}, 2]}, y: {random: {uniform: [0, 1]}, samples: 3}}",
            "command: a\nparameters: {x: {range: {stop: 3, width: 2}}, y: {logspace: {start: 1, stop: 2, num: 3, base: 2}}}",
            "name: s\nstages: [{name: a, command: b}, {tasks: c}]",
            "command: a\nsetup: [b, '{task_id}']\nnode-teardown: c\nbind: true\ndirectory: 7",
        ]
        #expect(try refused(forms) == [])
        // Each is right to the reader, too, as far as it names no file.
        for form in forms where !form.contains("tasks") {
            let scratch = try Scratch()
            #expect(throws: Never.self) { try Sweep(contentsOf: scratch.write(form, to: "s.yaml")) }
        }
    }

    @Test func mistakesAreRefused() throws {
        let mistakes = [
            "commnad: a", "parameters: {x: 1}", "command: ''", "command: []", "command: {n: }",
            "command: a\nnope: 1", "command: a\nbind: 7", "command: a\nretries: -1",
            "command: a\ntimeout: soon", "command: a\ntimeout: 0", "command: a\nsuccess: 256",
            "command: a\nsuccess: []", "command: a\nonly: []", "command: a\nonly: [x > 1]",
            "command: a\nretry-on: [never]", "command: a\nshard: 1",
            "command: a\nresults: {m: {}}", "command: a\nresults: {m: {regex: '(a)', number: b}}",
            "command: a\nresults: {m: {number: a, key: b}}", "command: a\nresults: {m: {json: x}}",
            "command: a\nresults: [m]", "command: a\nparameters: {x: {grid: []}}",
            "command: a\nparameters: {x: {grid: 3}}", "command: a\nparameters: [x]",
            "command: a\nparameters: {x: {range: {stpo: 3}}}",
            "command: a\nparameters: {x: {linspace: {start: 0, stop: 1}}}",
            "command: a\ninclude: {x: 1}", "command: a\nenv: {'a=b': 1}", "command: a\nenv: [a]",
            "name: a/b\ncommand: a", "name: latest\ncommand: a", "name: .a\ncommand: a",
            "stages: []", "stages: [{name: a}]", "stages: [{command: a}]\ncommand: b",
            "command: a\noutput-limit: much", "command: a\nsetup: []", "command: a\nshell: []",
        ]
        let refused = try refused(mistakes)
        for mistake in mistakes {
            #expect(refused.contains(mistake), "valid to the schema: \(mistake)")
            let scratch = try Scratch()
            #expect(throws: (any Error).self, "valid to the reader: \(mistake)") {
                try Sweep(contentsOf: scratch.write(mistake, to: "s.yaml"))
            }
        }
    }

    @Test func everyKeyHasASummary() {
        for key in StageKey.allCases { #expect(key.summary.hasSuffix("."), "\(key)") }
        let properties = SweepSchema.json["else"]?["allOf"].flatMap { list -> JSON? in
            if case .array(let forms) = list { forms[0]["properties"] } else { nil }
        }
        for key in SweepReader.stageKeys { #expect(properties?[key] != nil, "\(key)") }
    }
}
