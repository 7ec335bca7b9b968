import ArgumentParser
import FurrowSystem
import TestSupport

extension Program {
    /// Lets each call of a run fail, one in each round, and says what held for each name.
    func runEveryCall() throws {
        let setting = try self.setting
        let start = ContinuousClock.now
        let names = calls?.split(separator: ",").map(String.init)
        let points = try EveryCall.points(ranks: ranks, setting.calls).filter { point in
            names.map { $0.contains(point.call ?? "") } ?? true
        }
        let first = Int(clamping: max(1, seed))
        var tallies: [String: Tally] = [:]
        var round = 0
        for (index, point) in points.enumerated().dropFirst(first - 1).prefix(rounds ?? .max) {
            if let seconds, ContinuousClock.now - start >= .seconds(seconds) { break }
            let name = "\(point.kind) \(point.call ?? "")"
            round += 1
            let problem = tallies[name, default: Tally()].count(UInt64(index + 1)) {
                // Always the same sweep: other numbers of jobs make other calls.
                let trial = try Trial(seed: 1, setting, isParallel: true)
                try Trouble.fail(at: point, of: trial)
                try trial.finish()
            }
            if let problem { say("call \(index + 1): \(problem)") }
        }
        let time = Int((ContinuousClock.now - start) / .seconds(1))
        say("\(round) of \(points.count) calls in \(time) s, from call \(first)")
        for (name, tally) in tallies.sorted(by: { $0.key < $1.key }) { say("\(name): \(tally)") }
        if tallies.values.contains(where: { !$0.seeds.isEmpty }) {
            let own = calls.map { " --calls \($0)" } ?? ""
            say("To see one again: furrow-torture --every-call\(own) --rounds 1 --seed CALL")
            throw ExitCode.failure
        }
    }
}

/// The calls that a run makes.
private enum EveryCall {
    /// More calls of a name than this are those of a loop that waits: they depend on the time.
    private static let most = 40

    /// Each call of each process of a clean run, to fail once, before its work and after it.
    static func points(ranks: Int, _ calls: FaultyCalls) throws -> [FaultyCalls.Point] {
        var points: [FaultyCalls.Point] = []
        for (kind, process) in [
            (FaultyCalls.Point.Kind.mpi, "furrow"), (.files, "furrow"), (.files, "job-supervisor"),
        ] {
            // Rank 0 has no supervisor.
            for rank in (process == "furrow" ? 0 : 1)..<ranks {
                var point = FaultyCalls.Point(kind)
                (point.process, point.rank, point.times) = (process, rank, 1)
                let names = try CallCounts.shared.calls(of: point, ranks: ranks, calls)
                for name in Set(names).sorted() {
                    point.call = name
                    for index in indices(names.count { $0 == name }) {
                        point.count = index
                        for isLate in [false, true] where !isLate || hasWork(name) {
                            point.isLate = isLate
                            points.append(point)
                        }
                    }
                }
            }
        }
        return points
    }

    /// Which of so many calls of a name are tried: each, or those at the powers of two.
    private static func indices(_ count: Int) -> [Int] {
        guard count > most else { return Array(0..<count) }
        return [0] + (0..<32).map { 1 << $0 }.filter { $0 < count }
    }

    /// Whether a call changes something: it makes no difference when another one fails.
    private static func hasWork(_ name: String) -> Bool {
        ![
            "opendir", "readdir", "stat", "lstat", "fstat", "access", "lseek", "pread", "read",
            "close", "Get_count", "Comm_rank", "Comm_size",
        ]
        .contains(name)
    }
}
