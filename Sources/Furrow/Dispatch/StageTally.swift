/// What rank 0 knows of a stage's jobs when none of them runs any more.
struct StageTally: Sendable {
    var stage: String
    var counts = StageFailure.Counts()
    var failures: [JobFailure] = []
    /// What stopped the stage, where it was not a job.
    var cause: (StageFailure.Cause, String)?

    init(stage: String) {
        self.stage = stage
    }

    mutating func add(_ report: Report) {
        counts.succeeded += report.counts.succeeded
        counts.failed += report.counts.failed
        counts.cancelled += report.counts.cancelled
        counts.abandoned += report.counts.abandoned
        failures += report.failures.prefix(StageFailure.detailLimit - failures.count)
    }

    /// Collects and saves what succeeded (steps 6 and 7 of a stage). On rank 0.
    ///
    /// - Parameter results: makes the outputs, in job order.
    /// - Returns: what was collected, and why the stage failed, if it did.
    func conclude<Work: Job>(
        _ type: Work.Type,
        in directory: RunDirectory,
        results: @Sendable () throws -> [Work.Output]
    ) async -> (collected: Work.Collected?, failure: StageFailure?) {
        var collected: Work.Collected?
        var problem: (cause: StageFailure.Cause, message: String)?
        let hasFailed = counts.unsuccessful > 0 || cause != nil
        if counts.succeeded > 0 || !hasFailed {
            var step = StageFailure.Cause.collect
            do {
                let value = try await Work.collect(try results())
                collected = value
                step = .save
                try await Work.save(value, in: directory)
            } catch {
                problem = (StageFailure.Cause(of: error, otherwise: step), message(of: error))
            }
        }
        return (collected, failure(afterwards: problem))
    }

    /// The first thing that went wrong decides; what went wrong after it is said with it.
    private func failure(
        afterwards problem: (cause: StageFailure.Cause, message: String)?
    ) -> StageFailure? {
        let first: (cause: StageFailure.Cause, message: String)
        if let cause {
            first = cause
        } else if counts.unsuccessful > 0 {
            first = (.jobs, problem.map { "then \($0.cause.rawValue) failed: \($0.message)" } ?? "")
        } else if let problem {
            first = problem
        } else {
            return nil
        }
        return StageFailure(
            stage: stage,
            cause: first.cause,
            message: first.message,
            counts: counts,
            failures: failures.sorted { $0.index < $1.index }
        )
    }
}
