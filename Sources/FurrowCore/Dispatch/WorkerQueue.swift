import DequeModule
import FurrowRuns
import FurrowScheduling
import FurrowSystem
import MPI
import Synchronization

/// A worker's jobs: the waiting ones, the running one, and the results of those that ended.
///
/// The MPI thread adds jobs and takes reports; a task runs the jobs one after the other while there
/// are any. Results stay here until the gather.
final class WorkerQueue<Work: Job>: Sendable {
    /// A job that has run this long is reported to rank 0 while it runs.
    private static var noteworthy: Duration { .milliseconds(100) }

    private let state: Mutex<WorkerState>
    private let executor: JobExecutor
    private let screen: Screen
    private let alert: @Sendable (WorkerQueue<Work>) -> Void

    /// - Parameters:
    ///   - executor: runs the jobs.
    ///   - screen: takes the text that jobs show.
    ///   - quarantine: how many failures in a row make this worker suspect; `nil`: none do.
    ///   - movesRetries: whether other workers may have the next attempt of a job.
    ///   - deliver: takes each result, with its job's number; `nil`: they are kept for the gather.
    ///   - alert: called when there is something to report, before the next job starts.
    init(
        executor: JobExecutor,
        screen: Screen,
        quarantine: Int? = nil,
        movesRetries: Bool = false,
        deliver: WorkerState.Deliver? = nil,
        alert: @escaping @Sendable (WorkerQueue<Work>) -> Void
    ) {
        state = Mutex(
            WorkerState(
                results: ResultStore(areAlike: Work.outputCoding.stride != nil),
                quarantine: quarantine,
                isJournaled: executor.journal != nil,
                movesRetries: movesRetries,
                deliver: deliver
            )
        )
        self.executor = executor
        self.screen = screen
        self.alert = alert
    }

    /// A queue that wakes the MPI thread when there is something to report.
    convenience init(
        executor: JobExecutor,
        screen: Screen,
        waking wakeup: Mailbox<Never>,
        quarantine: Int? = nil,
        movesRetries: Bool = false
    ) {
        self.init(
            executor: executor,
            screen: screen,
            quarantine: quarantine,
            movesRetries: movesRetries
        ) { _ in
            wakeup.wake()
        }
    }

    // MARK: For the thread that calls MPI

    /// Adds jobs to the end of the queue and starts them.
    func add(_ jobs: JobFrames) {
        state.withLock { state in
            guard !state.isStopping, !jobs.isEmpty else { return }
            state.frames.append(jobs)
            startIfReady(&state)
        }
    }

    private func startIfReady(_ state: inout WorkerState) {
        guard state.task == nil, state.isReady, !state.frames.isEmpty else { return }
        state.task = Task.detached(priority: .jobs) { await self.drain() }
    }

    /// Starts jobs again: those that failed were to blame themselves.
    func resume() {
        state.withLock { state in
            state.resume()
            startIfReady(&state)
        }
    }

    /// Removes every job that has not started, in order.
    func revoke() -> [JobFrames] {
        state.withLock { state in
            defer { state.frames.removeAll() }
            return Array(state.frames)
        }
    }

    func recall() { state.withLock { $0.isRecalled = true } }

    func takeReturned() -> [JobFrames]? {
        let isAsked = state.withLock { state in
            defer { state.isRecalled = false }
            return state.isRecalled
        }
        return isAsked ? revoke() : nil
    }

    func revoke(_ index: Int) { state.withLock { $0.revoke(index) } }

    func abandonRevoked() {
        state.withLock { state in
            guard let number = state.abandonRevoked(on: executor.host) else { return }
            _ = executor.abandonment(of: Work.self, number)
        }
    }

    func takeRevoked() -> Bool {
        state.withLock { state in
            defer { state.hasRevoked = false }
            return state.hasRevoked
        }
    }

    /// Starts no more jobs until rank 0 says what becomes of them. It may be gone.
    func hold() { state.withLock { $0.isHeld = true } }

    /// Carries out a decision about the jobs that have not ended.
    func obey(_ action: StopPolicy.Action) {
        switch action {
        case .finish: stop(cancelling: false)
        case .cancel: stop(cancelling: true)
        case .abandon: abandon()
        case .giveUp: break
        }
    }

    /// Starts no more jobs.
    ///
    /// - Parameter cancelling: whether the running job is cancelled.
    private func stop(cancelling: Bool) {
        state.withLock { state in
            state.isStopping = true
            state.frames.removeAll()
            if cancelling { state.task?.cancel() }
        }
    }

    /// Gives up on the running job; its result is ignored if it still comes.
    private func abandon() {
        state.withLock { state in
            state.abandon(
                state.current.map { executor.abandonment(of: Work.self, $0.ticket.number) }
            )
        }
    }

    /// Whether a job runs or waits.
    var isRunning: Bool { state.withLock { $0.task != nil } }

    /// The report since the last call, if it is due.
    ///
    /// - Parameter always: report even if nothing is urgent.
    func takeReport(always: Bool) -> Report? {
        state.withLock { state in
            let current = state.current
            let isLong = current.map { .now - $0.since > Self.noteworthy } ?? false
            let shown = screen.take()
            state.report.shown += shown
            state.report.emitted += executor.emitted.take()
            guard
                state.report.jobs > 0 && (always || state.isUrgent || state.task == nil)
                    || isLong && state.reportedJob != current?.ticket.number
                    || !shown.isEmpty || !state.report.emitted.isEmpty
                    || state.report.fault != nil || state.report.problem != nil
            else { return nil }
            defer { state.report = Report() }
            state.isUrgent = false
            state.reportedJob = current?.ticket.number
            state.report.current = state.reportedJob
            return state.report
        }
    }

    /// The counts of this worker's jobs in the stage.
    var totals: StageFailure.Counts { state.withLock { $0.totals } }

    /// Takes the results, for the gather.
    func takeResults() -> [[UInt8]] {
        state.withLock { state in
            defer { state.results = ResultStore() }
            return state.results.pieces
        }
    }

    // MARK: The task that runs jobs

    private func drain() async {
        let decode = Work.coding.makeDecoder()
        let encode = Work.outputCoding.makeEncoder()
        LastWord.prepareThread()
        var result: [UInt8] = []
        var next = WorkerState.Started()
        var hasNext = state.withLock { $0.start(&next, at: .now) }
        while hasNext {
            let ticket = next.ticket
            result.removeAll(keepingCapacity: true)
            let end: JobExecutor.End
            do {
                if ticket.isUncodable {
                    throw UncodableValue(String(decoding: next.bytes, as: UTF8.self))
                }
                let job = try next.bytes.withUnsafeBytes { try decode($0) }
                end = await executor.run(job, ticket) {
                    do {
                        try encode($0, &result)
                    } catch {
                        throw UncodableValue("its result cannot be encoded", error)
                    }
                }
            } catch {
                let problem =
                    error as? UncodableValue
                    ?? UncodableValue("its parameters cannot be decoded", error)
                end = .failure(
                    executor.failure(of: Work?.none, ticket.number, .failed, "\(problem)")
                )
            }
            hasNext = false
            var isUrgent = false
            state.withLock { state in
                // The job was abandoned meanwhile, and this task no longer owns the queue.
                guard state.current?.ticket == ticket else { return }
                guard !state.isRevoked else {
                    // This task was cancelled with its job.
                    state.giveUp()
                    startIfReady(&state)
                    isUrgent = true
                    return
                }
                // The end of one job is the start of the next, so the clock is read once for both.
                let now = MonotonicTime.now
                state.record(end, &result, now)
                hasNext = state.start(&next, at: now)
                isUrgent = state.isUrgent || !hasNext
            }
            if isUrgent { alert(self) }
        }
    }

    func close() async -> RankProblem? {
        await executor.preparation.end()
        do {
            try executor.closeJournal(isStopping: state.withLock { $0.isStopping })
            return nil
        } catch {
            return RankProblem(error, blaming: .journal)
        }
    }
}

// Not at the class: it would belong to the MPI thread.
extension WorkerQueue: WorkerJobs {}
