import DequeModule
import FurrowRuns

/// The state of a ``WorkerQueue``. It does not depend on the type of the jobs, so that the compiler
/// can optimise one version of it.
struct WorkerState: Sendable {
    var frames = Deque<JobFrames>()
    /// The running job, and its start.
    var current: (ticket: JobTicket, since: ContinuousClock.Instant)?
    /// The number of the job last reported as running.
    var reportedJob: Int?
    var task: Task<Void, Never>?
    var report = Report()
    var totals = StageFailure.Counts()
    var results: ResultStore
    var isStopping = false
    /// Jobs that wait stay where they are.
    var isHeld = false
    /// A batch ended or a job failed: report at once.
    var isUrgent = false
    private var detailsLeft = StageFailure.detailLimit

    /// - Parameter results: stores results until the gather.
    init(results: ResultStore) {
        self.results = results
    }

    /// Takes the next job, or ends the task if there is none.
    mutating func start(
        _ now: ContinuousClock.Instant,
        _ isJournaled: Bool
    ) -> (JobTicket, ArraySlice<UInt8>)? {
        while !isHeld, !frames.isEmpty {
            guard var bytes = frames[0].popFirst()?.bytes else {
                frames.removeFirst()
                isUrgent = true
                continue
            }
            let ticket = JobTicket(takingFrom: &bytes, isJournaled: isJournaled)
            current = (ticket, now)
            return (ticket, bytes)
        }
        current = nil
        task = nil
        return nil
    }

    /// Notes how the running job ended.
    ///
    /// - Parameter result: its encoded output, if it succeeded.
    mutating func record(
        _ end: JobExecutor.End,
        _ result: inout [UInt8],
        _ now: ContinuousClock.Instant
    ) {
        guard let current else { return }
        report.elapsed += now - current.since
        switch end {
        case .success:
            report.counts.succeeded += 1
            totals.succeeded += 1
            results.append(current.ticket.number, &result)
        case .fault(let failure):
            // An unrecorded result would be lost, and so would those of later jobs.
            report.fault = failure.message
            isStopping = true
            frames.removeAll()
            report.counts.failed += 1
            totals.failed += 1
            tell(failure)
        case .failure(let failure):
            isUrgent = true
            if failure.state == .cancelled {
                report.counts.cancelled += 1
                totals.cancelled += 1
            } else {
                report.counts.failed += 1
                totals.failed += 1
            }
            tell(failure)
        }
    }

    /// Abandons the task that runs jobs.
    ///
    /// - Parameter failure: the failure of the running job, if there is one.
    mutating func abandon(_ failure: JobFailure?) {
        current = nil
        task = nil
        guard let failure else { return }
        report.counts.abandoned += 1
        totals.abandoned += 1
        tell(failure)
    }

    /// Adds a failure to the report; only the first hundred.
    private mutating func tell(_ failure: JobFailure) {
        guard detailsLeft > 0 else { return }
        detailsLeft -= 1
        report.failures.append(failure)
    }
}
