import Foundation
import TestSupport
import Testing

extension RankTests {
    /// What jobs in Swift write with `context.log`.
    @Suite struct JobLogs {
        /// Whether a text has each line of each attempt once, and nothing else: job 3 has two attempts.
        private static func expectEveryLine(_ text: String, lines: Int = 40, length: Int = 900) {
            let attempts = (1...6).map { "job \($0) attempt 1" } + ["job 3 attempt 2"]
            var missing = Set(
                attempts.flatMap { attempt in (0..<lines).map { "\(attempt): line \($0)" } }
            )
            let form =
                /[0-9]{4}-[0-9-]{5}T[0-9:]{8}Z note (job ([0-9]) .*: line .*) of turn ([0-9])(!+)/
            var torn: [Substring] = []
            for line in text.split(separator: "\n") {
                guard let match = line.wholeMatch(of: form), match.4.count == length,
                    Int(match.2) == (Int(match.3) ?? 0) + 1,
                    missing.remove(String(match.1)) != nil
                else {
                    torn.append(line)
                    continue
                }
            }
            #expect(missing.isEmpty)
            #expect(torn.isEmpty)
        }

        private func run(_ arguments: [String], ranks: Int?, in scratch: Scratch) throws
            -> MPIRun.Outcome
        {
            let run = try MPIRun.run(
                "Scenarios",
                ["logged", "--progress", "none"] + arguments,
                ranks: ranks,
                in: scratch.url
            )
            #expect(run.status == 0, "\(run.errors)")
            return run
        }

        @Test(arguments: [nil, 1, 3], ["none", "process"])
        func linesReachTheFileOfTheirRankInOnePiece(ranks: Int?, isolation: String) throws {
            let scratch = try Scratch()
            let options = ["--run-dir", "kept", "--isolation", isolation]
            let run = try run(options, ranks: ranks, in: scratch)
            #expect(!run.errors.contains("of turn"), "\(run.errors)")
            let files = try scratch.contents("kept/output")
            let workers = ranks == 3 ? [1, 2] : [0]
            #expect(files.allSatisfy { workers.map { "worker-000\($0).log" }.contains($0) })
            #expect(!files.isEmpty)
            let text = try files.map { try scratch.text("kept/output/\($0)") }.joined()
            Self.expectEveryLine(text)
        }

        @Test(arguments: [nil, 1, 3])
        func withoutADirectoryLinesGoToStandardError(ranks: Int?) throws {
            let scratch = try Scratch()
            // More than 4 KB at a time, and mpirun breaks lines.
            let run = try run(["--lines", "3", "--length", "9"], ranks: ranks, in: scratch)
            let notice = "note: one rank, so the jobs run serially\n"
            let lines = run.errors.replacingOccurrences(of: notice, with: "")
            Self.expectEveryLine(lines, lines: 3, length: 9)
            #expect(try scratch.contents().isEmpty)
        }
    }
}
