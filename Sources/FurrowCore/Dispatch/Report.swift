import FurrowRuns

/// A worker's report to rank 0: the jobs that ended since its last report.
struct Report: Sendable, Equatable {
    var counts = StageFailure.Counts()
    /// How long they took together.
    var elapsed = Duration.zero
    /// Those that failed and are to run once more.
    var retries: [Retry] = []
    /// The failed ones, up to ``StageFailure/detailLimit`` per worker.
    var failures: [JobFailure] = []
    /// The number of the running job.
    var current: Int?
    /// Text for rank 0's terminal.
    var shown: [UInt8] = []
    /// What jobs emitted, for an observer of their results.
    var emitted: [UInt8] = []
    /// How many attempts have ended the process of jobs. Known in its rank alone: it does not travel.
    var crashes = 0
    /// Why this worker can run no more jobs.
    var fault: RankProblem?
    /// Why other workers may have to run its jobs.
    var problem: WorkerProblem?

    /// How many attempts ended.
    var jobs: Int { counts.succeeded + counts.unsuccessful + retries.count }

    init() {}

    /// Without the jobs that ended.
    var withoutJobs: Report {
        var rest = self
        rest.counts = StageFailure.Counts()
        rest.elapsed = .zero
        rest.retries = []
        rest.failures = []
        rest.problem = nil
        return rest
    }

    /// Adds a later one.
    mutating func add(_ later: Report) {
        counts.add(later.counts)
        elapsed += later.elapsed
        retries += later.retries
        failures += later.failures
        current = later.current
        shown += later.shown
        emitted += later.emitted
        crashes += later.crashes
        fault = fault ?? later.fault
        problem = later.problem ?? problem
    }

    init(message: [UInt8]) throws {
        counts.succeeded = message.integer(at: 0)
        counts.failed = message.integer(at: 8)
        counts.cancelled = message.integer(at: 16)
        counts.abandoned = message.integer(at: 24)
        elapsed = .nanoseconds(message.integer(at: 32))
        let number = message.integer(at: 40)
        current = number < 0 ? nil : number
        if message.count > 48 {
            let rest = try message[48...].withUnsafeBytes {
                try WireDecoder().decode(Rest.self, from: $0)
            }
            (failures, shown, fault) = (rest.failures, rest.shown, rest.fault)
            problem = rest.problem
            emitted = rest.emitted
            retries = rest.retries
        }
    }

    func message() throws -> [UInt8] {
        var message: [UInt8] = []
        message.append(integer: counts.succeeded)
        message.append(integer: counts.failed)
        message.append(integer: counts.cancelled)
        message.append(integer: counts.abandoned)
        message.append(integer: Int(elapsed / .nanoseconds(1)))
        message.append(integer: current ?? -1)
        if !failures.isEmpty || !shown.isEmpty || !emitted.isEmpty || fault != nil
            || problem != nil || !retries.isEmpty
        {
            let rest = Rest(
                retries: retries,
                failures: failures,
                shown: shown,
                emitted: emitted,
                fault: fault,
                problem: problem
            )
            try WireEncoder().encode(rest, into: &message)
        }
        return message
    }

    /// The parts that few reports have.
    private struct Rest: Codable {
        var retries: [Retry]
        var failures: [JobFailure]
        var shown: [UInt8]
        var emitted: [UInt8]
        var fault: RankProblem?
        var problem: WorkerProblem?
    }
}
