import DequeModule
import FurrowRuns
import FurrowSystem

/// The state of a ``WorkerQueue``. It does not depend on the type of the jobs, so that the compiler
/// can optimise one version of it.
struct WorkerState: Sendable {
    var frames = Deque<JobFrames>()
    /// The running job, and its start.
    private(set) var current: Running?
    /// The number of the job last reported as running.
    var reportedJob: Int?
    var task: Task<Void, Never>?
    var report = Report()
    var totals = StageFailure.Counts()
    var results: ResultStore
    /// Takes results in place of ``results``.
    private let deliver: Deliver?
    var isStopping = false
    /// Rank 0 asks for the jobs that have not started.
    var isRecalled = false
    /// Jobs that wait stay where they are.
    var isHeld = false
    /// The same, until rank 0 has found out whether this worker is to blame for failures.
    private(set) var isSuspended = false
    private var streak: Streak
    /// The running job as it came, if it may have to run elsewhere.
    private var running: (index: Int, bytes: ArraySlice<UInt8>)?
    private let keepsRunning: Bool
    private let isJournaled: Bool
    /// Whether another worker has ended the running job.
    private(set) var isRevoked = false
    /// Whether such a job was given up, which rank 0 has not been told.
    var hasRevoked = false
    /// A batch ended or a job failed: report at once.
    var isUrgent = false
    private var detailsLeft = StageFailure.detailLimit

    /// A job that runs.
    struct Running: Sendable {
        var ticket: JobTicket
        var since: MonotonicTime
    }

    /// A job that is to run.
    struct Started: Sendable {
        var ticket = JobTicket(number: 0)
        /// Its parameters.
        var bytes: ArraySlice<UInt8> = []
    }

    /// Takes a job's number and its result.
    typealias Deliver = @Sendable (Int, [UInt8]) -> Void

    /// - Parameters:
    ///   - results: stores results until the gather.
    ///   - quarantine: how many failures in a row make this worker suspect; `nil`: none do.
    ///   - isJournaled: whether its jobs are recorded.
    ///   - movesRetries: whether other workers may have the next attempt of a job.
    ///   - deliver: takes results in place of `results`.
    init(
        results: ResultStore,
        quarantine: Int? = nil,
        isJournaled: Bool = false,
        movesRetries: Bool = false,
        deliver: Deliver? = nil
    ) {
        self.results = results
        self.deliver = deliver
        streak = Streak(limit: quarantine)
        // Not for the smallest jobs: it costs a tenth of their time.
        keepsRunning = quarantine != nil || isJournaled || movesRetries
        self.isJournaled = isJournaled
    }

    /// Whether jobs may start.
    var isReady: Bool { !isHeld && !isSuspended }

    /// Rank 0 found that jobs were to blame for their failures.
    mutating func resume() {
        isSuspended = false
        streak.forgive()
    }

    /// Takes the next job, or ends the task if there is none.
    ///
    /// - Parameter next: becomes the job. An optional one would be copied by calls of the runtime.
    /// - Returns: whether there is one.
    mutating func start(_ next: inout Started, at now: MonotonicTime) -> Bool {
        while isReady, !frames.isEmpty {
            guard let (index, whole) = frames[0].popFirst() else {
                frames.removeFirst()
                isUrgent = true
                continue
            }
            if keepsRunning { running = (index, whole) }
            next.bytes = whole
            next.ticket = JobTicket(takingFrom: &next.bytes, isJournaled: isJournaled)
            current = Running(ticket: next.ticket, since: now)
            return true
        }
        current = nil
        running = nil
        task = nil
        return false
    }

    /// Notes how the running job ended.
    ///
    /// - Parameter result: its encoded output, if it succeeded.
    mutating func record(
        _ end: JobExecutor.End,
        _ result: inout [UInt8],
        _ now: MonotonicTime
    ) {
        guard let current else { return }
        report.elapsed += now - current.since
        switch end {
        case .success:
            report.counts.succeeded += 1
            totals.succeeded += 1
            if let deliver {
                deliver(current.ticket.number, result)
            } else {
                results.append(current.ticket.number, &result)
            }
            streak.end()
        case .unable(let failure):
            guard let running else { preconditionFailure("a recorded job is kept") }
            if !isStopping { putBack(running.index, running.bytes) }
            isSuspended = true
            report.problem = WorkerProblem(host: failure.host, message: failure.message)
            isUrgent = true
        case .fault(let failure, let cause):
            // An unrecorded result would be lost, and so would those of later jobs.
            report.fault = RankProblem(cause, failure.message)
            isStopping = true
            frames.removeAll()
            report.counts.failed += 1
            totals.failed += 1
            tell(failure)
        case .retry(let failure) where !isStopping:
            guard let running else { preconditionFailure("a job that may be retried is kept") }
            isUrgent = true
            report.retries.append(
                Retry(running.index, running.bytes, isJournaled: isJournaled, after: failure)
            )
            if streak.addRetried() {
                isSuspended = true
                report.problem = WorkerProblem(
                    host: failure.host,
                    message: failure.message,
                    isOfRetries: true
                )
            }
        case .failure(let failure), .retry(let failure):
            isUrgent = true
            if failure.state == .cancelled {
                report.counts.cancelled += 1
                totals.cancelled += 1
            } else {
                report.counts.failed += 1
                totals.failed += 1
                if let running, streak.add(running.index, running.bytes) {
                    isSuspended = true
                    report.problem = WorkerProblem(
                        host: failure.host,
                        message: failure.message,
                        jobs: streak.message
                    )
                }
            }
            tell(failure)
        }
    }

    /// Cancels a job, or drops it if it has not begun.
    mutating func revoke(_ index: Int) {
        if running?.index == index, current != nil {
            isRevoked = true
            task?.cancel()
        } else if frames.first?.first == index {
            _ = frames[0].popFirst()
            if frames[0].isEmpty { frames.removeFirst() }
            hasRevoked = true
        }
    }

    /// Forgets the running job, and the task that ran it.
    mutating func giveUp() {
        isRevoked = false
        hasRevoked = true
        reportedJob = nil
        current = nil
        running = nil
        task = nil
    }

    /// Forgets a revoked job that does not end, and starts no other: it may be in the way.
    ///
    /// - Returns: its number; `nil` if it has ended.
    mutating func abandonRevoked(on host: String) -> Int? {
        guard isRevoked, let number = current?.ticket.number else { return nil }
        giveUp()
        isSuspended = true
        report.problem = WorkerProblem(
            host: host,
            message: "job \(number + 1) has ended on another worker, and cannot be ended here"
        )
        return number
    }

    /// Puts a job that has not run back to the front of the queue.
    private mutating func putBack(_ index: Int, _ bytes: ArraySlice<UInt8>) {
        if frames.first?.first == index + 1 {
            frames[0].putBack(bytes.count)
        } else {
            // The rest of its batch was revoked.
            var job = JobFrames(first: index)
            job.append(bytes)
            frames.prepend(job)
        }
    }

    /// Abandons the task that runs jobs.
    ///
    /// - Parameter failure: the failure of the running job, if there is one.
    mutating func abandon(_ failure: JobFailure?) {
        current = nil
        task = nil
        isRevoked = false
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
