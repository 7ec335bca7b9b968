import Foundation
import TestSupport
import Testing

extension RankTests {
    /// The MPI target by itself.
    @Suite struct MPIOperations {
        @Test(arguments: 1...4)
        func everyRankHasWhatItIsToHave(ranks: Int) throws {
            let run = try MPIRun.run("Scenarios", ["mpi"], ranks: ranks)
            #expect(!run.timedOut)
            #expect(run.status == 0, "\(run.errors)")
            let lines = run.lines.map { $0.split(separator: ": ", maxSplits: 2) }
                .filter { $0.count == 3 }
            let told = Dictionary(grouping: lines) { String($0[1]) }
                .mapValues { $0.map { String($0[2]) } }
            func expect(_ name: String, _ root: String, others: String? = nil) {
                let wanted = [root] + Array(repeating: others ?? root, count: ranks - 1)
                #expect(told[name] == wanted, "\(name)")
            }
            for name in ["gather", "gather by 1", "gather by 7"] {
                expect(name, "\(ranks) blocks, intact true", others: "0 blocks")
            }
            for name in ["scatter", "scatter by 1", "scatter by 7"] { expect(name, "intact true") }
            let none = Array(repeating: 0, count: ranks)
            #expect(told["empty gather"]?.first == "\(none)")
            expect("broadcast", "[1, 2, 3]")
            expect("broadcast by 2", "[1, 2, 3]")
            expect("empty broadcast", "[]")
            expect("sum", "[\(ranks * (ranks - 1) / 2), \(ranks)]")
            expect("maximum", "0")
            let numbers = (0..<ranks).map { 10 * $0 }
            #expect(
                told["numbers"] == (0..<ranks).map { "\($0 == 0 ? numbers : []) \(10 * $0 + 1)" }
            )
            for name in ["channel", "channel by 3"] {
                expect(name, "4 messages, intact true, busy false")
            }
            // What MPI says of a rank that there is not, by its class: MPI_ERR_RANK.
            for error in told["error"] ?? [] {
                #expect(error.hasPrefix("MPI_Isend, code true, class 6, text true, "), "\(error)")
                #expect(error.hasSuffix(")"), "\(error)")
            }
            #expect(told["error"]?.count == ranks)
        }
    }
}
