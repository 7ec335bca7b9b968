import Foundation
import TestSupport
import Testing

/// What `furrow-bench` says with `--json`.
private struct Measurement: Decodable {
    struct Detail: Decodable {
        var name: String
        var figure: Double
        var unit: String
    }
    var `case`: String
    var figure: Double
    var unit: String
    var details: [Detail]
}

extension RankTests {
    /// Every case of the benchmark, small: that it runs, that its results are right, and that it
    /// says so in one line. Times are not judged.
    @Suite struct Benchmark {
        @Test(
            arguments: [
                (3, "typed --jobs 3000"),
                (2, "typed --jobs 1000"),
                (3, "bitwise --jobs 20000"),
                (3, "bitwise --jobs 500 --schedule dynamic,1"),
                (3, "bitwise --jobs 5000 --schedule static"),
                (2, "roundtrip --jobs 300"),
                (2, "message --rounds 3 --burst 50"),
                (3, "commands --jobs 40"),
                (5, "makespan --jobs 40 --seeds 2"),
                (3, "idle --seconds 0.5"),
                (3, "memory --jobs 20000"),
                (3, "memory --jobs 20000 --results"),
                (4, "gather --bytes 1000000 --rounds 2"),
                (nil, "start --rounds 1 --ranks 2"),
                (nil, "simulate --workers 50 --jobs 5000 --mean-time 0.001"),
                (nil, "simulate --workers 1 --jobs 1"),
            ] as [(Int?, String)]
        )
        func everyCaseMeasuresSomething(ranks: Int?, line: String) throws {
            let arguments = line.split(separator: " ").map { String($0) }
            let run = try MPIRun.run("furrow-bench", arguments + ["--json"], ranks: ranks)
            #expect(run.status == 0, "\(line): \(run.errors)")
            let measured = try JSONDecoder().decode(Measurement.self, from: Data(run.output.utf8))
            #expect(measured.case == arguments[0])
            #expect(measured.figure.isFinite)
            #expect(measured.details.allSatisfy { $0.figure.isFinite && !$0.name.isEmpty })
            // What is left of a subtraction may be less than nothing; all else is not.
            if measured.case != "start" { #expect(measured.figure > 0) }
            let text = try MPIRun.run("furrow-bench", arguments, ranks: ranks)
            let lines = text.output.split(whereSeparator: \.isNewline)
            #expect(lines.count == 1)
            let form = try Regex("\(arguments[0]): -?[0-9.]+ \(measured.unit)( \\(.*\\))?")
            #expect(lines.first?.wholeMatch(of: form) != nil, "\(text.output)")
        }

        @Test func theTableHasARowForEachNumberOfWorkers() throws {
            let arguments = ["simulate", "--table", "--jobs", "300"]
            let run = try MPIRun.run("furrow-bench", arguments, ranks: nil)
            #expect(run.status == 0, "\(run.errors)")
            let rows = run.output.split(separator: "\n").map { $0.split(separator: " ") }
            #expect(rows.dropFirst().map { $0.first } == ["100", "1000", "10000", "100000"])
            #expect(rows.dropFirst().allSatisfy { $0.filter { $0 == "%" }.count == 6 })
        }

        @Test func theComparisonNamesThePeersThatAreMissing() throws {
            let scratch = try Scratch()
            let json = scratch.url.appendingPathComponent("rows.json").path
            let arguments = ["compare", "--small", "--rounds", "1", "--json", json]
            let run = try MPIRun.run(
                "furrow-bench",
                arguments + ["--python", "/no/such/python"],
                ranks: nil,
                limit: 120
            )
            #expect(run.status == 0, "\(run.errors)")
            for peer in ["mpi4py.futures, default", "mpi4py.futures, best chunk", "HyperQueue"] {
                #expect(run.errors.contains("\(peer) is not installed: left out"))
                #expect(!run.output.contains(peer))
            }
            #expect(run.output.contains("xargs -P2"))
            struct Row: Decodable {
                var figure: String
                var furrow: [Double]
                var peers: [Double]
            }
            let rows = try JSONDecoder().decode(
                [Row].self,
                from: try Data(contentsOf: URL(fileURLWithPath: json))
            )
            #expect(rows.count >= 11)
            #expect(rows.allSatisfy { !$0.furrow.isEmpty && $0.furrow.allSatisfy(\.isFinite) })
        }
    }
}

/// Beside the other tests: one process that only computes, for a long time.
@Suite struct DispatcherAtScaleTests {
    @Test func aDispatcherThatFeedsAHundredThousandWorkersIsEfficient() throws {
        let simulation = "simulate --workers 100000 --jobs 1200000 --mean-time 1 --json"
        let arguments = simulation.split(separator: " ").map { String($0) }
        let run = try MPIRun.run("furrow-bench", arguments, ranks: nil, limit: 600)
        let measured = try JSONDecoder().decode(Measurement.self, from: Data(run.output.utf8))
        // Twelve jobs a worker: the last of each alone costs some percent.
        #expect(measured.figure > 90)
    }
}
