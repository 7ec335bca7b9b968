import FurrowRuns
import FurrowSystem

/// A problem on one rank, to be sent to all.
struct RankProblem: Codable, Sendable, Hashable {
    var cause: StageFailure.Cause
    var message: String

    init(_ cause: StageFailure.Cause, _ message: String) {
        self.cause = cause
        self.message = message
    }

    init(_ error: any Error, blaming cause: StageFailure.Cause) {
        self.cause = StageFailure.Cause(of: error, otherwise: cause)
        message = FurrowSystem.message(of: error)
    }

    /// A problem, with its host.
    struct Notice: Codable, Sendable {
        var host: String
        var problem: RankProblem
    }

    /// The first problem, with its rank and host; without them if every rank met the same.
    ///
    /// - Parameter notices: one per rank; at least one is not `nil`.
    init(joining notices: [Notice?]) {
        let met = notices.enumerated().compactMap { rank, notice in
            notice.map { (rank: rank, host: $0.host, problem: $0.problem) }
        }
        guard let first = met.first else {
            preconditionFailure("ranks agree on a problem that none of them has")
        }
        self = first.problem
        if met.count == notices.count, met.allSatisfy({ $0.problem == first.problem }) { return }
        message = "rank \(first.rank) on \(first.host): \(message)"
        let others = met.count - 1
        if others > 0 { message += " (and on \(others) more rank\(others == 1 ? "" : "s"))" }
    }
}
