import Foundation
import Synchronization
import TestSupport
import Testing

/// Scenarios that need no launch of their own: those of a number of ranks run in one, one after the
/// other, when the first of them is asked for.
final class ScenarioLaunches: Sendable {
    /// What a launch said.
    struct Launch: Sendable {
        var run: MPIRun.Outcome
        /// What each rank said of a scenario, in rank order, by the scenario's number.
        var told: [Int: [String]]
    }

    private let scenarios: @Sendable (Int) -> [String]
    private let launches = Mutex<[Int: Launch]>([:])

    /// - Parameter scenarios: those of so many ranks, each with its options.
    init(_ scenarios: @escaping @Sendable (Int) -> [String]) { self.scenarios = scenarios }

    /// What each rank said of a scenario, as `rank 0: returned …`, in rank order.
    func lines(_ scenario: String, ranks: Int) throws -> [String] {
        let number = try #require(
            scenarios(ranks).firstIndex(of: scenario),
            "\(scenario) is not among those of \(ranks) ranks"
        )
        return try launch(ranks: ranks).told[number] ?? []
    }

    /// The launch on so many ranks.
    func launch(ranks: Int) throws -> Launch {
        if let launch = launches.withLock({ $0[ranks] }) { return launch }
        let run = try MPIRun.run(
            "Scenarios",
            ["script"] + scenarios(ranks),
            ranks: ranks,
            limit: 180
        )
        #expect(!run.timedOut, "hangs at \(ranks) ranks after \(run.output.suffix(500))")
        #expect(run.status == 0, "at \(ranks) ranks: \(run.errors)")
        var told: [Int: [String]] = [:]
        for line in run.lines {
            guard let match = line.wholeMatch(of: /(rank [0-9]+) ([0-9]+)(: .*)/),
                let number = Int(match.2)
            else { continue }
            told[number, default: []].append("\(match.1)\(match.3)")
        }
        let launch = Launch(run: run, told: told)
        launches.withLock { $0[ranks] = launch }
        return launch
    }
}
