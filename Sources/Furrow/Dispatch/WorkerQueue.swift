import DequeModule
import MPI
import Synchronization

/// A worker's jobs: those it was dealt, the one that runs, and what those that ended left behind.
///
/// The thread that calls MPI puts jobs in and takes reports out; a task runs the jobs, one after
/// the other, as long as there are any. Results stay here until the gather.
final class WorkerQueue<Work: Job>: Sendable {
    private struct State: Sendable {
        var frames = Deque<JobFrames>()
        /// The job that runs, and since when.
        var current: (ticket: JobTicket, since: ContinuousClock.Instant)?
        /// The number of the one that rank 0 was told of last.
        var told: Int?
        var task: Task<Void, Never>?
        var report = Report()
        var totals = StageFailure.Counts()
        var results = ResultStore()
        var isStopping = false
        /// A batch ended, or a job failed: rank 0 should hear at once.
        var isUrgent = false
        var detailsLeft = StageFailure.detailLimit
    }

    /// A job that has run for so long is worth telling rank 0 of while it runs.
    private static var noteworthy: Duration { .milliseconds(100) }

    private let state = Mutex(State())
    private let seat: Seat
    private let bell: Mailbox<Never>
    private let screen = Screen()

    /// - Parameters:
    ///   - seat: who runs the jobs.
    ///   - bell: wakes the thread that calls MPI.
    init(seat: Seat, waking bell: Mailbox<Never>) {
        var seat = seat
        seat.show = { [screen] text in
            screen.append(text)
            bell.wake()
        }
        self.seat = seat
        self.bell = bell
    }

    // MARK: For the thread that calls MPI

    /// Adds jobs to the end of the queue and sees to it that they run.
    func add(_ jobs: JobFrames) {
        state.withLock { state in
            guard !state.isStopping, !jobs.isEmpty else { return }
            state.frames.append(jobs)
            if state.task == nil {
                state.task = Task.detached { await self.drain() }
            }
        }
    }

    /// Takes back every job that has not been started, the first of them first.
    func revoke() -> [JobFrames] {
        state.withLock { state in
            defer { state.frames.removeAll() }
            return Array(state.frames)
        }
    }

    /// Starts no more jobs.
    ///
    /// - Parameter cancelling: whether the one that runs is cancelled.
    func stop(cancelling: Bool) {
        state.withLock { state in
            state.isStopping = true
            state.frames.removeAll()
            if cancelling { state.task?.cancel() }
        }
    }

    /// Gives up on the job that runs; what it may still return is ignored.
    func abandon(after grace: Duration) {
        state.withLock { state in
            guard let current = state.current else { return }
            state.current = nil
            state.task = nil
            state.report.counts.abandoned += 1
            state.totals.abandoned += 1
            if state.detailsLeft > 0 {
                state.detailsLeft -= 1
                state.report.failures.append(
                    seat.failure(
                        of: Work?.none,
                        current.ticket.number,
                        .abandoned,
                        "had not ended \(grace) after it was cancelled"
                    )
                )
            }
        }
    }

    /// Whether a job runs or waits to.
    var isRunning: Bool { state.withLock { $0.task != nil } }

    /// What ended since the last call, if there is a reason to tell rank 0 now.
    ///
    /// - Parameter always: tell also what can wait.
    func takeReport(always: Bool) -> Report? {
        state.withLock { state in
            let current = state.current
            let isLong = current.map { ContinuousClock.now - $0.since > Self.noteworthy } ?? false
            let shown = screen.take()
            state.report.shown += shown
            guard
                state.report.jobs > 0 && (always || state.isUrgent || state.task == nil)
                    || isLong && state.told != current?.ticket.number
                    || !shown.isEmpty || state.report.fault != nil
            else { return nil }
            defer { state.report = Report() }
            state.isUrgent = false
            state.told = current?.ticket.number
            state.report.current = state.told
            return state.report
        }
    }

    /// How all jobs of the stage ended here.
    var totals: StageFailure.Counts { state.withLock { $0.totals } }

    /// Hands over the results, for the gather.
    func takeResults() -> [[UInt8]] {
        state.withLock { state in
            defer { state.results = ResultStore() }
            return state.results.pieces
        }
    }

    // MARK: The task that runs jobs

    private func drain() async {
        let encoder = WireEncoder()
        let decoder = WireDecoder()
        var next = state.withLock { start(&$0) }
        while let (ticket, bytes, since) = next {
            let outcome = await run(ticket, bytes, encoder, decoder)
            let isUrgent: Bool
            (next, isUrgent) = state.withLock { state in
                // The job was abandoned meanwhile: its queue belongs to nobody now.
                guard state.current?.ticket == ticket else { return (nil, false) }
                Self.record(outcome, ticket, since, &state)
                let next = start(&state)
                return (next, state.isUrgent || next == nil)
            }
            if isUrgent { bell.wake() }
        }
    }

    /// Takes the next job, or leaves when there is none.
    private func start(
        _ state: inout State
    ) -> (JobTicket, ArraySlice<UInt8>, ContinuousClock.Instant)? {
        while !state.frames.isEmpty {
            guard var bytes = state.frames[0].popFirst()?.bytes else {
                state.frames.removeFirst()
                state.isUrgent = true
                continue
            }
            let ticket = JobTicket(takingFrom: &bytes, isJournaled: seat.journal != nil)
            let now = ContinuousClock.now
            state.current = (ticket, now)
            return (ticket, bytes, now)
        }
        state.current = nil
        state.task = nil
        return nil
    }

    private static func record(
        _ outcome: Seat.Outcome<[UInt8]>,
        _ ticket: JobTicket,
        _ since: ContinuousClock.Instant,
        _ state: inout State
    ) {
        state.report.seconds += (ContinuousClock.now - since).seconds
        switch outcome {
        case .success(let result):
            state.report.counts.succeeded += 1
            state.totals.succeeded += 1
            state.results.append(ticket.number, result)
        case .fault(let failure):
            // What cannot be recorded would be lost, and so would whatever ran after it.
            state.report.fault = failure.message
            state.isStopping = true
            state.frames.removeAll()
            state.report.counts.failed += 1
            state.totals.failed += 1
        case .failure(let failure):
            state.isUrgent = true
            if failure.state == .cancelled {
                state.report.counts.cancelled += 1
                state.totals.cancelled += 1
            } else {
                state.report.counts.failed += 1
                state.totals.failed += 1
            }
            if state.detailsLeft > 0 {
                state.detailsLeft -= 1
                state.report.failures.append(failure)
            }
        }
    }

    private func run(
        _ ticket: JobTicket,
        _ bytes: ArraySlice<UInt8>,
        _ encoder: WireEncoder,
        _ decoder: WireDecoder
    ) async -> Seat.Outcome<[UInt8]> {
        let job: Work
        do {
            job = try bytes.withUnsafeBytes { try decoder.decode(Work.self, from: $0) }
        } catch {
            let message = message(of: error)
            return .failure(seat.failure(of: Work?.none, ticket.number, .failed, message))
        }
        return await seat.run(job, ticket) { output in
            var result: [UInt8] = []
            try encoder.encode(output, into: &result)
            return result
        }
    }

    /// Syncs and closes the journal, when nothing runs any more.
    func closeJournal() throws(FileError) { try seat.journal?.close() }
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
