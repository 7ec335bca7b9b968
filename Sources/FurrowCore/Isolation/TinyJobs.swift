import FurrowRuns

/// Finds out whether the jobs of a stage are tiny: so short that passing them on to another process
/// would cost more than a few hundredths of their time.
struct TinyJobs {
    /// This many must have succeeded, and none may have failed before.
    static var count: Int { 100 }

    /// They must have taken less than this on average.
    private let limit: Duration
    private var jobs = 0
    private var elapsed = Duration.zero
    private var isDecided = false
    /// Whether an attempt at one has failed.
    private(set) var hasFailed = false

    /// - Parameter travelAlone: whether each job is passed on alone, which takes 0.1 ms, and not with
    ///   others, when it takes less than a microsecond.
    init(travelAlone: Bool) { limit = travelAlone ? .milliseconds(1) : .microseconds(100) }

    /// Whether all attempts that a report tells of have succeeded.
    private static func isSuccess(_ report: Report) -> Bool {
        report.counts.succeeded == report.jobs && report.crashes == 0 && report.problem == nil
            && report.fault == nil
    }

    /// Adds jobs that have ended in a process, also after they turned out to be tiny.
    ///
    /// - Returns: whether they have turned out to be tiny now; true at most once.
    mutating func add(_ report: Report) -> Bool {
        if !Self.isSuccess(report) { hasFailed = true }
        guard !isDecided, !hasFailed else { return false }
        jobs += report.jobs
        elapsed += report.elapsed
        guard jobs >= Self.count else { return false }
        isDecided = true
        return elapsed / jobs < limit
    }
}

extension RunOptions {
    /// Whether tiny jobs go on in their rank. Those for which something was prepared or sent do not:
    /// it is in their process.
    func movesTinyJobs<Work: Job>(_ type: Work.Type) -> Bool {
        isolation == .auto && shared == nil && !(identityType(of: type) is any PreparedJob.Type)
    }
}
