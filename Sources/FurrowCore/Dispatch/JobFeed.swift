import FurrowRuns
import FurrowScheduling
import FurrowSystem
import MPI
import Synchronization

/// Passes jobs from the generator, which runs as a task of its own on rank 0, to the thread that
/// deals them. Holds a limited number; a faster generator waits.
final class JobFeed: Sendable {
    /// The most jobs and bytes held: a few batches for each worker of a small run, some megabytes
    /// at most.
    static let mostJobs = 16_384
    static let mostBytes = 8 << 20

    enum End: Sendable {
        case complete
        case failed(StageFailure.Cause, String)
    }

    private struct State: Sendable {
        var ready = JobFrames(first: 0)
        var end: End?
        var isCancelled = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    /// Whether there may be something to take: rank 0 asks at each turn of its loop.
    private let hasNews = Atomic(false)
    private let wakeup: Mailbox<Never>
    private let isBounded: Bool

    /// - Parameters:
    ///   - wakeup: wakes the thread that deals.
    ///   - isBounded: false if all jobs must be made before the first is dealt.
    init(waking wakeup: Mailbox<Never>, isBounded: Bool) {
        self.wakeup = wakeup
        self.isBounded = isBounded
    }

    /// Adds a job.
    ///
    /// - Returns: whether the feed is now full.
    private func add(_ job: [UInt8]) throws(CancellationError) -> Bool {
        let (isFirst, isFull) = try state.withLock { (state) throws(CancellationError) in
            if state.isCancelled { throw CancellationError() }
            state.ready.append(job)
            return (state.ready.count == 1, isBounded && Self.isFull(state.ready))
        }
        hasNews.store(true, ordering: .releasing)
        if isFirst { wakeup.wake() }
        return isFull
    }

    private func waitForRoom() async {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                if state.isCancelled || !Self.isFull(state.ready) { return true }
                state.waiter = continuation
                return false
            }
            if goesOn { continuation.resume() }
        }
    }

    private static func isFull(_ jobs: JobFrames) -> Bool {
        jobs.count >= mostJobs || jobs.size >= mostBytes
    }

    /// Ends the feed: no more jobs come, for this reason.
    func close(_ end: End) {
        state.withLock { $0.end = end }
        hasNews.store(true, ordering: .releasing)
        wakeup.wake()
    }

    /// All waiting jobs, and the end if it has come. Never waits.
    func take() -> (JobFrames, End?) {
        guard hasNews.exchange(false, ordering: .acquiring) else {
            return (JobFrames(first: 0), nil)
        }
        let (frames, end, waiter) = state.withLock { state in
            defer {
                state.ready = JobFrames(first: state.ready.first + state.ready.count)
                state.waiter = nil
            }
            // Who asks again hears it again.
            if state.end != nil { hasNews.store(true, ordering: .relaxed) }
            return (state.ready, state.end, state.waiter)
        }
        waiter?.resume()
        return (frames, end)
    }

    /// Waits until the generator has made all its jobs, for a schedule that deals them all at once.
    /// On the thread that deals.
    ///
    /// - Parameter policy: may stop the stage meanwhile.
    /// - Returns: whether all jobs are there. False if the generator failed or the stage was
    ///   stopped: ``RootLoop`` then takes the jobs made so far and deals none.
    func fill(until policy: inout StopPolicy) -> Bool {
        while true {
            policy.look()
            guard policy.mayStart else { return false }
            switch state.withLock({ $0.end }) {
            case .complete: return true
            case .failed: return false
            case nil: _ = wakeup.take(waitingUpTo: policy.pause)
            }
        }
    }

    private var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Tells the generator that no more jobs are wanted.
    func cancel() {
        let waiter = state.withLock { state in
            state.isCancelled = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Runs a generator into this feed.
    ///
    /// Jobs that failed in an earlier start of the run come last, so that one that fails or crashes
    /// every time keeps none from running; no more of them, though, than the feed would hold.
    func run<G: JobGenerator>(
        _ generator: G,
        from arguments: G.Arguments,
        after previous: G.Previous,
        into ledger: StageLedger
    ) -> Task<Void, Never> {
        Task.detached(priority: .jobs) {
            do {
                let encode = G.Work.coding.makeEncoder()
                var bytes: [UInt8] = []
                var failed = JobFrames(first: 0)
                try await generator.generate(from: arguments, after: previous) { job in
                    bytes.removeAll(keepingCapacity: true)
                    var isLast = false
                    do {
                        guard let ticket = try ledger.enter(job) else {
                            if self.isCancelled { throw CancellationError() }
                            return
                        }
                        isLast = ticket.hasFailed && !Self.isFull(failed)
                        ticket.append(to: &bytes)
                        do {
                            try encode(job, &bytes)
                        } catch {
                            throw UncodableJob(number: ticket.number, error)
                        }
                    } catch let problem as UncodableJob {
                        // Dealt like any other, so that a worker reports its failure.
                        bytes.removeAll(keepingCapacity: true)
                        isLast = false
                        JobTicket(number: problem.number, isUncodable: true).append(to: &bytes)
                        bytes += problem.reason.description.utf8
                    }
                    if isLast {
                        if self.isCancelled { throw CancellationError() }
                        failed.append(bytes)
                    } else if try self.add(bytes) {
                        await self.waitForRoom()
                    }
                }
                while let (_, job) = failed.popFirst() {
                    if try self.add(Array(job)) { await self.waitForRoom() }
                }
                self.close(.complete)
            } catch is CancellationError where self.isCancelled {
                self.close(.complete)
            } catch {
                let cause = StageFailure.Cause(of: error, otherwise: .generator)
                self.close(.failed(cause, message(of: error)))
            }
        }
    }
}
