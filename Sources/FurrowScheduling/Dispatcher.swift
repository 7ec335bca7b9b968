import DequeModule

/// Decides which worker runs which jobs: a state machine without MPI and without a clock.
///
/// Events go in through ``handle(_:)``, commands come out of ``nextCommand()``. A worker runs its
/// jobs in the order in which they were dealt, so messages only need to say *how many*: so many
/// ended, so many were returned from the end of the queue.
///
/// An event takes 30 to 50 ns. The article Performance lists the cost of a job, part by part.
package struct Dispatcher: Sendable {
    struct Worker {
        var queue = Deque<Range<Int>>()
        var jobs = 0
        var isRecalling = false
        var isStopped = false
        var isLost = false
        var isSuspended = false
        /// Whether its only job is, or was, another one's too.
        var isCopying = false
        /// Which of the three lists below contain it.
        var isIdle = false
        var hasRoom = false
        var isLoaded = false
    }

    /// How many batches a worker holds: the one it runs and the next, so that it never waits for
    /// the network. Only one if the next may start only when the first shows that there is enough
    /// time.
    package var depth = 2 {
        didSet { for worker in workers.indices { offer(worker) } }
    }

    let recalls: Bool
    var workers: [Worker]
    var policy: BatchPolicy
    var pool = Deque<Range<Int>>()
    /// Jobs that failed and wait for another worker than the one where they did, by the latter; one
    /// look at each of these is enough, however many jobs wait.
    var retries: [Deque<Int>]
    /// The workers that such jobs avoid, in the order of their turns.
    var avoiding = Deque<Int>()
    /// Who had them before, also of those that were dealt again.
    var avoided: [Int: Int] = [:]
    /// Jobs that will be retried.
    var postponed = 0
    /// Jobs that were dealt twice and have not ended on both workers.
    var copies: [Int: Copies] = [:]
    /// Jobs that get no further copy.
    var copied: Set<Int> = []
    /// The node of each worker; empty if all are on one.
    package var nodes: [Int] = []
    /// Workers without a job, and workers with room for another batch, each in order of arrival. An
    /// entry may be out of date; it is checked when its turn comes.
    var idle: Deque<Int>
    var withRoom = Deque<Int>()
    /// Workers with more jobs than the one they run.
    var loaded = Deque<Int>()
    var commands = Deque<Command>()
    /// Recalls without an answer yet. The stage must wait for them: a late answer would reach the
    /// next stage.
    var recallsUnderWay = 0
    var isExhausted = false
    /// Whether the generator had no job ready when it was last asked.
    var isBehind = false
    /// How many workers have said that they stopped, or are lost.
    var stopped = 0
    /// How many workers are lost.
    package internal(set) var lost = 0
    /// How many workers are suspended.
    var suspended = 0
    var stopMode: StopMode?
    var hasProceeded = false

    /// Jobs that were generated, but neither dealt nor dropped.
    package internal(set) var waiting = 0
    /// Jobs held by workers.
    package internal(set) var dealt = 0
    /// Jobs that will not start because the stage was stopped.
    package internal(set) var dropped = 0

    /// - Parameters:
    ///   - workers: how many workers take jobs.
    ///   - schedule: how jobs are dealt.
    package init(workers: Int, schedule: Schedule) {
        self.workers = Array(repeating: Worker(), count: workers)
        self.idle = Deque(0..<workers)
        retries = Array(repeating: [], count: workers)
        for worker in 0..<workers { self.workers[worker].isIdle = true }
        switch schedule {
        case .dynamic(let chunk):
            policy = BatchPolicy(chunk: chunk, workers: workers)
            recalls = true
        case .static(let chunk):
            policy = BatchPolicy(chunk: chunk, workers: workers)
            recalls = false
        }
    }

    /// The most jobs whose bytes fit one message.
    package var mostPerMessage: Int {
        get { policy.mostPerMessage }
        set { policy.mostPerMessage = max(1, min(newValue, BatchPolicy.most)) }
    }

    /// Whether more jobs should be generated now.
    package var wantsJobs: Bool { stopMode == nil && !isExhausted && waiting < BatchPolicy.most }

    /// How long a worker may delay a report that is not urgent, in seconds. The end of a batch and
    /// a failure are urgent. It reports at least once per batch.
    package static func reportInterval(workers: Int) -> Double {
        BatchPolicy.target(workers: workers) / 2
    }

    /// For how long no worker can need anything, in seconds, because each has a batch that it has
    /// not begun. Zero if one has none: there are no jobs, or it has not reported yet.
    package var slack: Double { idle.isEmpty && withRoom.isEmpty ? policy.batchSeconds : 0 }

    package mutating func handle(_ event: Event) {
        switch event {
        case .generated(let jobs):
            isBehind = jobs.isEmpty
            add(jobs)
        case .exhausted:
            isExhausted = true
        case .assigned(let worker, let jobs):
            take(jobs, worker)
        case .completed(let worker, let jobs, let seconds):
            complete(worker, jobs, seconds)
        case .returned(let worker, let jobs):
            giveBack(worker, jobs)
        case .stop(let mode):
            stop(mode)
        case .stopped(let worker):
            drop(worker)
        case .lost(let worker):
            lose(worker)
        case .suspended(let worker):
            suspend(worker)
        case .resumed(let worker):
            guard workers[worker].isSuspended else { return }
            workers[worker].isSuspended = false
            suspended -= 1
            offer(worker)
        case .repeated(let jobs):
            guard stopMode == nil else { return }
            pool.prepend(jobs)
            waiting += jobs.count
        case .postponed(let jobs):
            if stopMode == nil { postponed += jobs }
        case .retried(let job, let worker):
            guard stopMode == nil else { return }
            postponed -= 1
            avoided[job] = worker
            addRetry(job, avoiding: worker)
            waiting += 1
        case .straggles(let worker):
            copy(from: worker)
        case .revoked(let worker):
            revoke(worker)
        }
    }

    /// How many workers there are, lost ones included.
    package var count: Int { workers.count }

    /// The jobs that a worker holds, as they were dealt; it runs the first of them.
    package func held(by worker: Int) -> [Range<Int>] { Array(workers[worker].queue) }

    /// The next command, or `nil` until the next event.
    package mutating func nextCommand() -> Command? {
        if let command = commands.popFirst() { return command }
        guard !hasProceeded else { return nil }
        if stopMode != nil { return stopped == workers.count ? proceed() : nil }
        if !avoiding.isEmpty, let command = dealRetry() { return command }
        if !pool.isEmpty { return deal() }
        if isExhausted, waiting + dealt + postponed + recallsUnderWay == 0 { return proceed() }
        return recall()
    }

    mutating func proceed() -> Command {
        hasProceeded = true
        return .proceed
    }

    mutating func add(_ jobs: Range<Int>) {
        guard !jobs.isEmpty else { return }
        if stopMode != nil {
            dropped += jobs.count
            return
        }
        waiting += jobs.count
        // One that was dealt as a retry was dealt alone.
        if let worker = avoided[jobs.lowerBound] {
            addRetry(jobs.lowerBound, avoiding: worker)
        } else {
            pool.append(jobs)
        }
    }

    mutating func take(_ jobs: Range<Int>, _ worker: Int) {
        workers[worker].queue.append(jobs)
        workers[worker].jobs += jobs.count
        dealt += jobs.count
        if workers[worker].jobs > 1, !workers[worker].isLoaded {
            workers[worker].isLoaded = true
            loaded.append(worker)
        }
        offer(worker)
    }

    mutating func complete(_ worker: Int, _ jobs: Int, _ seconds: Double) {
        precondition(jobs <= workers[worker].jobs, "a worker reports more jobs than it was dealt")
        policy.record(jobs: jobs, seconds: seconds)
        if jobs > 0, workers[worker].isCopying { decide(worker) }
        workers[worker].jobs -= jobs
        dealt -= jobs
        var left = jobs
        while left > 0 {
            let first = workers[worker].queue[0]
            if !avoided.isEmpty { for job in first.prefix(left) { avoided[job] = nil } }
            if first.count <= left {
                workers[worker].queue.removeFirst()
                left -= first.count
            } else {
                workers[worker].queue[0] = first.dropFirst(left)
                left = 0
            }
        }
        offer(worker)
    }

    mutating func giveBack(_ worker: Int, _ jobs: Int) {
        precondition(jobs <= workers[worker].jobs, "a worker returns more jobs than it was dealt")
        workers[worker].isRecalling = false
        recallsUnderWay -= 1
        let isElsewhere = jobs > 0 && leaveCopy(worker)
        workers[worker].jobs -= jobs
        dealt -= jobs
        var left = jobs
        while left > 0 {
            let last = workers[worker].queue.removeLast()
            let kept = max(0, last.count - left)
            if kept > 0 { workers[worker].queue.append(last.prefix(kept)) }
            if !isElsewhere { add(last.dropFirst(kept)) }
            left -= last.count - kept
        }
        offer(worker)
        // Dealt after the recall that this answers.
        if workers[worker].isSuspended { recallAll(from: worker) }
    }
}
