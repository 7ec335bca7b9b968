import DequeModule
import FurrowRuns

/// What a ``WorkerQueue`` holds: the same for jobs of every type, so that the compiler can make
/// one good version of it.
struct WorkerState: Sendable {
    var frames = Deque<JobFrames>()
    /// The job that runs, and since when.
    var current: (ticket: JobTicket, since: ContinuousClock.Instant)?
    /// The number of the one that rank 0 heard of last.
    var reportedJob: Int?
    var task: Task<Void, Never>?
    var report = Report()
    var totals = StageFailure.Counts()
    var results: ResultStore
    var isStopping = false
    /// Jobs that wait stay where they are.
    var isHeld = false
    /// A batch ended, or a job failed: rank 0 should hear at once.
    var isUrgent = false
    private var detailsLeft = StageFailure.detailLimit

    /// - Parameter results: where they are kept until the gather.
    init(results: ResultStore) {
        self.results = results
    }

    /// Takes the next job, or leaves when there is none.
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

    /// Notes how the job that runs ended.
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
            // What cannot be recorded would be lost, and so would whatever ran after it.
            report.fault = failure.message
            isStopping = true
            frames.removeAll()
            report.counts.failed += 1
            totals.failed += 1
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

    /// Gives up on the task that runs jobs.
    ///
    /// - Parameter failure: what is to be said of the job that runs, if one does.
    mutating func abandon(_ failure: JobFailure?) {
        current = nil
        task = nil
        guard let failure else { return }
        report.counts.abandoned += 1
        totals.abandoned += 1
        tell(failure)
    }

    /// Tells rank 0 of a failure in detail, of the first hundred.
    private mutating func tell(_ failure: JobFailure) {
        guard detailsLeft > 0 else { return }
        detailsLeft -= 1
        report.failures.append(failure)
    }
}
