import Foundation
import TestSupport
import Testing

extension RankTests {
    @Suite struct Application {
        static let configuration = """
            benchmark:
              seed: 42
              model:
                class_path:
                  grid: [gaussian, pca]
              data:
                class_path: digits
                init_args:
                  category:
                    grid: [0, 3]
            """

        static func run(
            _ scratch: Scratch,
            _ yaml: String,
            ranks: Int? = 3,
            _ arguments: String...,
            environment: [String: String] = [:]
        ) throws -> MPIRun.Outcome {
            let file = try scratch.write(yaml, to: "benchmark.yaml")
            let run = try MPIRun.run(
                "anomaly-benchmark",
                ["run", "--config", file] + arguments,
                ranks: ranks,
                in: scratch.url,
                environment: environment
            )
            #expect(!run.timedOut)
            return run
        }

        @Test func aRunLeavesATableAndTheSameResultsInAFile() throws {
            let scratch = try Scratch()
            let run = try Self.run(scratch, Self.configuration)
            #expect(run.status == 0)
            let csv = try scratch.text("runs/benchmark/latest/results.csv")
            let rows = csv.split(separator: "\n").map { $0.split(separator: ",") }
            #expect(rows.count == 5)
            #expect(
                rows.dropFirst().map { "\($0[0]) \($0[1])" }
                    == ["gaussian 0", "gaussian 3", "pca 0", "pca 3"]
            )
            for row in rows.dropFirst() {
                let auroc = try #require(Double(row[3]))
                #expect(run.output.contains(String(format: "%.6f", auroc)))
            }
            #expect(run.output.contains("results.csv"))
        }

        @Test func detectNeedsNoLauncher() throws {
            let run = try MPIRun.run(
                "anomaly-benchmark",
                ["detect", "--model", "knn", "--category", "3"],
                ranks: nil
            )
            #expect(run.status == 0)
            #expect(run.output.hasPrefix("AUROC 0.978516\n"))
        }

        /// (what is in the configuration, what it is replaced by, what the message must contain)
        static let mistakes: [(String, String, [String])] = [
            ("seed: 42", "sede: 42", ["benchmark.yaml:2", "sede", "seed"]),
            ("seed: 42", "seed: 42\n  sed: 1", ["benchmark.yaml:3", "'sed'", "seed"]),
            ("[gaussian, pca]", "[gaussian, pcb]", ["benchmark.yaml:5", "pcb", "pca"]),
            ("[0, 3]", "[0, 11]", ["benchmark.yaml:10", "11", "0 to 9"]),
            ("[0, 3]", "[]", ["benchmark.yaml:10", "grid"]),
            ("[0, 3]", "[0, 3", ["benchmark.yaml:"]),
            ("benchmark:", "benchmrak:", ["benchmark.yaml:1", "benchmrak", "benchmark"]),
            ("seed: 42", "seed: many", ["benchmark.yaml:2", "many", "seed"]),
        ]

        @Test(arguments: mistakes.indices)
        func aMistakeIsNamedOnce(number: Int) throws {
            let (from, to, expected) = Self.mistakes[number]
            let scratch = try Scratch()
            let yaml = Self.configuration.replacingOccurrences(of: from, with: to)
            let run = try Self.run(scratch, yaml)
            #expect(run.status == 65, "\(run.errors)")
            for text in expected { #expect(run.errors.contains(text), "\(run.errors)") }
            #expect(run.errors.components(separatedBy: "Error:").count == 2, "\(run.errors)")
            try Self.expectNothingWritten(scratch)
        }

        static func expectNothingWritten(_ scratch: Scratch) throws {
            let left = try FileManager.default.contentsOfDirectory(atPath: scratch.url.path)
            #expect(!left.contains("runs"), "\(left)")
        }

        @Test(arguments: [
            ("1,2,3\n", "row 1"), ("word" + String(repeating: ",1", count: 64) + "\n", "column 1"),
        ])
        func aBadDataFile(content: String, place: String) throws {
            let scratch = try Scratch()
            try scratch.write(content, to: "bad.csv")
            let yaml = Self.configuration.replacingOccurrences(
                of: "init_args:",
                with: "init_args:\n      path: bad.csv"
            )
            let run = try Self.run(scratch, yaml)
            #expect(run.status == 65)
            #expect(run.errors.contains("bad.csv"))
            #expect(run.errors.contains(place))
            try Self.expectNothingWritten(scratch)
        }

        @Test func failedJobsAreStatusOneAndTheOthersAreSaved() throws {
            // Rows of digit 0 alone: no model can be trained on digit 3.
            let scratch = try Scratch()
            let row = String(repeating: "1,", count: 64) + "0\n"
            try scratch.write(String(repeating: row, count: 20), to: "zeros.csv")
            let yaml = Self.configuration.replacingOccurrences(
                of: "init_args:",
                with: "init_args:\n      path: zeros.csv"
            )
            let run = try Self.run(scratch, yaml, ranks: 3, "--on-failure", "continue")
            #expect(run.status == 1, "\(run.errors)")
            #expect(run.errors.contains("2 failed, 2 succeeded"))
            #expect(run.errors.contains("category 3 must have at least 2 training rows, but has 0"))
            let csv = try scratch.text("runs/benchmark/latest/results.csv")
            #expect(csv.split(separator: "\n").count == 3)
        }

        @Test func aMissingConfiguration() throws {
            let run = try MPIRun.run(
                "anomaly-benchmark",
                ["--config", "/nowhere.yaml"],
                ranks: 3
            )
            #expect(run.status == 65)
            #expect(run.errors.contains("/nowhere.yaml: no such file"))
        }

        @Test(arguments: ["0", "3", "-1", "many"])
        func aWrongNumberOfWorkers(jobs: String) throws {
            let scratch = try Scratch()
            let run = try Self.run(scratch, Self.configuration, ranks: 3, "--jobs=\(jobs)")
            #expect(run.status == 64)
            #expect(run.errors.contains("--jobs"))
            #expect(run.errors.components(separatedBy: "Error:").count == 2, "\(run.errors)")
            try Self.expectNothingWritten(scratch)
        }

        @Test func aRunsDirectoryThatCannotBeWritten() throws {
            let scratch = try Scratch()
            let run = try Self.run(
                scratch,
                Self.configuration,
                ranks: 3,
                "--runs-dir",
                "/dev/null/runs"
            )
            #expect(run.status == 64)
            #expect(run.errors.contains("--runs-dir"))
        }

        @Test(arguments: [nil, 3])
        func helpIsPrintedOnce(ranks: Int?) throws {
            let run = try MPIRun.run("anomaly-benchmark", ["run", "--help"], ranks: ranks)
            #expect(run.status == 0)
            #expect(run.output.components(separatedBy: "USAGE:").count == 2)
        }

        @Test(arguments: [(["--help"], 0), (["--bogus"], 64)] as [([String], Int32)])
        func theUsageNamesTheProgramAndNotItsType(arguments: [String], status: Int32) throws {
            let run = try MPIRun.run("Pendulum", arguments, ranks: nil)
            #expect(run.status == status)
            let text = run.output + run.errors
            #expect(text.lowercased().contains("usage: pendulum <options>"), "\(text)")
            #expect(!text.contains("program"), "\(text)")
        }

        /// A program that has none of its own tells whose it is.
        @Test(arguments: [("Pendulum", "Furrow 0.1.0"), ("anomaly-benchmark", "0.1.0")])
        func theVersionIsPrintedOnce(program: String, version: String) throws {
            let run = try MPIRun.run(program, ["--version"], ranks: 3)
            #expect(run.status == 0)
            #expect(run.output.trimmingCharacters(in: .whitespacesAndNewlines) == version)
        }

        @Test(arguments: [nil, 3])
        func aWrongOptionIsNamedOnce(ranks: Int?) throws {
            let run = try MPIRun.run(
                "anomaly-benchmark",
                ["run", "--config", "x", "--bogus"],
                ranks: ranks
            )
            #expect(run.status == 64)
            #expect(run.errors.components(separatedBy: "--bogus").count == 2, "\(run.errors)")
        }

        @Test func theLauncherOfAnotherMPIIsNamed() throws {
            // What the environment of a process looks like that MPICH's mpiexec started.
            let scratch = try Scratch()
            let run = try Self.run(
                scratch,
                Self.configuration,
                ranks: nil,
                environment: ["PMI_RANK": "0", "PMI_SIZE": "3"]
            )
            #expect(run.status == 64)
            #expect(run.errors.contains("MPICH"))
            try Self.expectNothingWritten(scratch)
        }
    }
}
