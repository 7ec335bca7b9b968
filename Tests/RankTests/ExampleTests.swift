import Foundation
import Furrow
import TestSupport
import Testing

extension RankTests {
    /// The programs and sweeps of `Sources/Examples`.
    @Suite struct Examples {
        /// A Python that has scikit-learn: that of `make test`, or the user's own.
        static let learnedPython = [
            ProcessInfo.processInfo.environment["PEERS_ENV"].map { "\($0)/bin" },
            ProcessInfo.processInfo.environment["HOME"].map { "\($0)/.cache/furrow-peers/bin" },
            "/usr/local/bin", "/usr/bin",
        ].compactMap { $0 }.first {
            (try? Subprocess.run(["\($0)/python3", "-c", "import sklearn"], limit: 60)) != nil
        }

        static func folder(_ name: String) -> URL {
            Book.root.appendingPathComponent("Sources/Examples/\(name)")
        }

        /// Runs an example's sweep where it stands, and shows its results.
        ///
        /// - Parameters:
        ///   - results: arguments of `furrow results`.
        ///   - python: a folder to look for `python3` in first.
        /// - Returns: the rows, as CSV.
        static func sweep(
            _ name: String,
            results: [String],
            python: String? = nil,
            _ options: String...
        ) throws -> [[String]] {
            let scratch = try Scratch()
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
            let front = python.map { "\($0):" } ?? ""
            let run = try MPIRun.run(
                "furrow",
                ["run", "sweep.yaml", "--runs-dir", scratch.url.path] + options,
                ranks: 3,
                limit: 240,
                in: folder(name),
                environment: ["PATH": "\(front)\(MPIRun.programs.path):\(path)"]
            )
            #expect(!run.timedOut)
            try #require(run.status == 0, "\(run.errors)")
            let table = try MPIRun.run(
                "furrow",
                ["results", "--runs-dir", scratch.url.path, "--format", "csv"] + results,
                ranks: nil
            )
            #expect(table.status == 0, "\(table.errors)")
            return table.output.split(separator: "\n").dropFirst()
                .map { $0.split(separator: ",").map { String($0) } }
        }

        @Test(arguments: [("Pendulum", "pendulum"), ("Ensemble", "ensemble")])
        func aProgramRunsWithItsConfiguration(program: String, configuration: String) throws {
            let scratch = try Scratch()
            let file = Self.folder(program).appendingPathComponent("\(configuration).yaml").path
            let run = try MPIRun.run(
                program,
                ["--config", file],
                ranks: 3,
                in: scratch.url
            )
            #expect(run.status == 0, "\(run.errors)")
            if program == "Pendulum" {
                #expect(run.output.contains("periods in seconds: [1.41"))
            } else {
                // The measurements lie around y = 2 x + 1.
                let line = try #require(
                    run.output.firstMatch(of: /at  5\.0: +([0-9.]+) ± ([0-9.]+)/)
                )
                #expect(abs(try #require(Double(line.1)) - 11) < 0.5)
                #expect(try #require(Double(line.2)) < 0.5)
                let csv = try scratch.text("runs/fit/latest/predictions.csv")
                #expect(csv.split(separator: "\n").count == 6)
            }
        }

        static let hasNumPy =
            (try? Subprocess.run(["python3", "-c", "import numpy"], limit: 60)) != nil

        /// anomalib's tiled ensemble in small: seven stages, one of them optional.
        @Test(
            .enabled(if: hasNumPy, "NumPy is not installed"),
            arguments: [(1, true), (3, true), (3, false)]
        )
        func theTiledEnsembleEqualsNumPy(ranks: Int, smooths: Bool) throws {
            let folder = Self.folder("TiledEnsemble")
            let digits = Book.root.appendingPathComponent(
                "Sources/AnomalyBenchmark/Data/digits.csv"
            )
            let reference = try Subprocess.run(
                [
                    "python3", folder.appendingPathComponent("reference.py").path, digits.path,
                    "3", "\(smooths)",
                ],
                limit: 120
            ).output.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
            let scratch = try Scratch()
            let run = try MPIRun.run(
                "TiledEnsemble",
                [
                    "--config", folder.appendingPathComponent("tiled.yaml").path, "--set",
                    "smoothing.apply=\(smooths)",
                ],
                ranks: ranks,
                in: scratch.url
            )
            #expect(run.status == 0, "\(run.errors)")
            let match = try #require(
                run.output.firstMatch(of: /mean score ([0-9.e-]+), AUROC ([0-9.]+)/)
            )
            let own = [try #require(Double(match.1)), try #require(Double(match.2))]
            for (one, other) in zip(own, reference) { #expect(abs(one - other) < 1e-12) }
            #expect(reference.count == 2)
            #expect(run.output.contains("smooth:") == smooths)
        }

        /// A main of its own: nothing but Furrow's runner, and status 0 at the end.
        @Test(arguments: [nil, 1, 2, 3])
        func aFunctionIsMapped(ranks: Int?) throws {
            let run = try MPIRun.run("Periods", [], ranks: ranks)
            #expect(run.status == 0, "\(run.errors)")
            let lines = run.output.split(separator: "\n").filter { $0.hasPrefix("periods") }
            #expect(lines.count == 1)
            #expect(lines[0].hasPrefix("periods in seconds: [1.41"))
        }

        @Test func theTwoStagesRankTheModels() throws {
            let rows = try Self.sweep("two-stages", results: ["--columns", "best,mean"])
            #expect(rows == [["pca", "0.998020"]] || rows == [["pca", "0.99802"]])
        }

        @Test(
            .enabled(if: Readme.hasPython, "python3 is not installed"),
            .timeLimit(.minutes(5))
        )
        func theDigitsAreLearned() throws {
            let rows = try Self.sweep(
                "digits-gpu",
                results: ["--sort", "-accuracy", "--columns", "lr,accuracy"],
                "--set",
                "parameters.epochs=2"
            )
            #expect(rows.count == 6)
            // Guessing is right in one of ten.
            #expect(try #require(Double(rows[0][1])) > 0.7)
        }

        @Test(
            .enabled(if: learnedPython != nil, "scikit-learn is not installed"),
            .timeLimit(.minutes(5))
        )
        func theGridSearchFindsTheBestMachine() throws {
            let rows = try Self.sweep(
                "grid-search",
                results: ["--sort", "-accuracy", "--columns", "gamma,accuracy"],
                python: Self.learnedPython,
                "--set",
                "parameters.C={grid: [1, 10]}"
            )
            #expect(rows.count == 6)
            #expect(rows[0][0] == "0.001")
            #expect(try #require(Double(rows[0][1])) > 0.95)
        }
    }
}
