import Foundation
import TestSupport
import Testing

extension RankTests {
    /// Pipelines that are made from their configuration.
    @Suite struct Configured {
        private let scratch: Scratch

        init() throws {
            scratch = try Scratch()
            try scratch.write(
                """
                seed: {grid: [1, 2]}
                x-more: &more {seed: 10}
                leaf: {factor: {range: {start: 1, stop: 3}}}
                more: {<<: *more, factor: 1}

                """,
                to: "leaf.yaml"
            )
        }

        private func run(
            _ arguments: String...,
            configuration: [String] = ["--config", "leaf.yaml"],
            ranks: Int? = 3
        ) throws -> MPIRun.Outcome {
            let run = try MPIRun.run(
                "Scenarios",
                ["configured", "--progress", "none"] + configuration + arguments,
                ranks: ranks,
                in: scratch.url
            )
            #expect(!run.timedOut)
            return run
        }

        @Test func stagesDependOnTheConfiguration() throws {
            let plain = try run()
            #expect(plain.status == 0, "\(plain.errors)")
            #expect(plain.output.split(separator: "\n") == ["sums [11, 12, 12, 14]"])
            let doubled = try run("--set", "doubled=true", "--set", "runner=serial")
            #expect(doubled.status == 0, "\(doubled.errors)")
            #expect(doubled.output.contains("sums [22, 24, 24, 28]"))
        }

        @Test(arguments: [nil, 3])
        func noFileIsNeededWhereEverythingIsSet(ranks: Int?) throws {
            let run = try run(
                "--set",
                "leaf={seed: 3, factor: 2}",
                "--set",
                "more.seed=1",
                "--set",
                "more.factor=1",
                "--run-dir",
                "kept",
                configuration: [],
                ranks: ranks
            )
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.contains("sums [7]"))
            #expect(
                try scratch.text("kept/sweep.yaml")
                    == "# no --config\n# --set leaf={seed: 3, factor: 2}\n# --set more.seed=1\n"
                    + "# --set more.factor=1\n"
            )
        }

        @Test func whatIsMissingOrUnknownIsNamed() throws {
            let missing = try run(configuration: [])
            #expect(missing.status == 65)
            #expect(
                missing.errors == "Error: no --config: the section 'leaf' is missing; name a "
                    + "configuration with --config FILE; --schema prints its form\n"
            )
            let unknown = try run("--set", "lefa={seed: 1}")
            #expect(unknown.status == 65)
            #expect(unknown.errors.contains("did you mean 'leaf'?"), "\(unknown.errors)")
            let key = try run("--set", "leaf.nothing.x=1")
            #expect(key.status == 64, "\(key.errors)")
        }

        @Test(arguments: [nil, 3])
        func aPlanShowsTheJobsThatAreKnown(ranks: Int?) throws {
            let run = try run("--plan", "--set", "doubled=true", ranks: ranks)
            #expect(run.status == 0, "\(run.errors)")
            #expect(
                run.output.split(whereSeparator: \.isNewline) == [
                    #"leaf 1: {"factor":1,"seed":1}"#, #"leaf 2: {"factor":2,"seed":1}"#,
                    #"leaf 3: {"factor":1,"seed":2}"#, #"leaf 4: {"factor":2,"seed":2}"#,
                    #"leaf 1: {"factor":1,"seed":10}"#,
                    "sum: its jobs depend on the stage before it",
                    "sum: its jobs depend on the stage before it",
                ]
            )
        }
    }
}
