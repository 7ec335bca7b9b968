import Foundation
import TestSupport
import Testing

extension RankTests {
    /// Results as they come, sums of them, and what the jobs of a worker share.
    @Suite struct Observed {
        /// What each rank said of each case.
        private func told(_ ranks: Int, _ arguments: [String] = []) throws -> [String: [String]] {
            let run = try MPIRun.run(
                "Scenarios",
                ["observed"] + arguments,
                ranks: ranks
            )
            #expect(!run.timedOut)
            #expect(run.status == 0, "\(run.errors)")
            let lines = run.lines.map { $0.split(separator: ": ", maxSplits: 2) }
            return Dictionary(
                lines.filter { $0.count == 3 }.map { (String($0[1]), [String($0[2])]) },
                uniquingKeysWith: +
            )
        }

        /// (the case, what rank 0 says of it)
        static let expected = [
            "onResult": "200 seen, right true, 200 collected", "results": "29850.0",
            "reduce": "200 results, mean 49.75, variance 833.3125",
            "saving": "200 saved, 200 collected", "sharing": "[0.0, 1.0, 2.0, 3.0, 4.0]",
            "map": "[1, 4, 9, 16, 25]",
        ]

        @Test(arguments: [1, 2, 3, 5])
        func resultsAreSeenSummedAndSaved(ranks: Int) throws {
            let told = try told(ranks)
            for (name, words) in Self.expected {
                #expect(told[name]?.filter { $0 == words }.count == 1, "\(name): \(told)")
                #expect(told[name]?.count == ranks, "\(name): \(told)")
            }
            #expect(Set(told["failing observer"] ?? []).count == 1)
            #expect(told["failing observer"]?.first?.contains("not this one") == true, "\(told)")
            #expect(
                told["prepared"]?.allSatisfy {
                    $0.hasSuffix("once a worker true, made true, let go of true")
                } == true,
                "\(told)"
            )
            let late = try #require(told["timeout"]?.first)
            #expect(Set(told["timeout"] ?? []).count == 1, "\(told)")
            #expect(late == "threw jobs, 4 succeeded: took longer than its timeout of 0.2 s")
        }

        @Test(arguments: [1, 3])
        func aKeptRunGivesTheSameAgain(ranks: Int) throws {
            let scratch = try Scratch(with: "journal")
            let arguments = ["--directory", scratch.path]
            let first = try told(ranks, arguments)
            let journal = try scratch.text(
                ranks == 1 ? "journal/worker-0000.jsonl" : "journal/worker-0001.jsonl"
            )
            let second = try told(ranks, arguments)
            for (name, words) in Self.expected {
                #expect(first[name]?.contains(words) == true, "\(name): \(first)")
                #expect(second[name]?.contains(words) == true, "\(name): \(second)")
            }
            // The journal has results for people, whatever else is done with them.
            if ranks == 1 { #expect(journal.contains(#""result":0.5"#)) }
        }
    }
}
