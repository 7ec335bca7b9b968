import FurrowSweeps
import TestSupport
import Testing

@testable import FurrowCommands

/// What becomes of jobs whose command was edited.
@Suite struct StageDefinitionsTests {
    private func stage(_ yaml: String) throws -> StageSettings {
        let scratch = try Scratch()
        return try Sweep(contentsOf: scratch.write("name: s\n\(yaml)", to: "s.yaml")).stages[0]
            .settings
    }

    @Test func anEditIsNoticedUntilItsJobsRunAgain() throws {
        let scratch = try Scratch()
        let (a, b) = (try stage("command: [echo, a]"), try stage("command: [echo, b]"))
        var known = try StageDefinitions(of: scratch.path)
        #expect(known.start(a, number: 1, anew: false).isEmpty)
        #expect(known.start(a, number: 1, anew: true).isEmpty)
        #expect(known.generation(of: "s").isEmpty)
        try known.save(in: scratch.path)
        var again = try StageDefinitions(of: scratch.path)
        #expect(again.start(b, number: 2, anew: false) == ["command"])
        // The jobs of before are still those of the other command.
        #expect(again.start(b, number: 2, anew: false) == ["command"])
        #expect(again.generation(of: "s").isEmpty)
        #expect(again.start(b, number: 2, anew: true).isEmpty)
        let generation = again.generation(of: "s")
        #expect(!generation.isEmpty)
        #expect(
            again.start(b, number: 2, anew: true).isEmpty && again.generation(of: "s") == generation
        )
        #expect(
            again.start(a, number: 3, anew: true).isEmpty && again.generation(of: "s") != generation
        )
    }

    @Test func eachStartHasItsCommand() throws {
        let (a, b) = (try stage("command: [echo, a]"), try stage("command: [echo, b]"))
        var known = try StageDefinitions(of: try Scratch().path)
        for (number, stage) in [a, a, b, a].enumerated() {
            _ = known.start(stage, number: number + 1, anew: false)
        }
        let commands = (1...5).map { known.command(of: b, in: $0) }
        #expect(commands == [a, a, b, a, a].map(\.command))
        // One of a run of an older version.
        #expect(try StageDefinitions(of: Scratch().path).command(of: b, in: 1) == b.command)
    }

    @Test(arguments: [
        ("command: [a]\nenv: {X: '1'}", "env"), ("command: [a]\ndirectory: /tmp", "directory"),
        ("command: [a]\nresults: {m: {number: m}}", "results"),
        ("command: [a]\ntimeout: 9s\nretries: 4\nparameters: {n: 3}", nil),
        ("command:  [ \"a\" ]  # said in other words", nil),
    ])
    func whatDefinesAJob(yaml: String, part: String?) throws {
        var known = try StageDefinitions(of: try Scratch().path)
        _ = known.start(try stage("command: [a]"), number: 1, anew: false)
        #expect(known.start(try stage(yaml), number: 2, anew: false) == (part.map { [$0] } ?? []))
    }
}
