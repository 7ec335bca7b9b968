import FurrowScheduling

/// A worker that runs jobs in virtual time.
struct VirtualWorker {
    /// Jobs that wait, after the one that runs.
    var frames: [Range<Int>] = []
    var running: Int?
    var startTime = 0.0
    var unreported = 0
    /// How long the unreported jobs took.
    var seconds = 0.0
    var lastReport = -Double.infinity
    var isReportDue = false
    var isStopping = false
    var hasStopped = false
    var isDead = false
    /// Whether rank 0 knows.
    var isLost = false
    /// Jobs that failed and are to run once more, unreported.
    var retries: [Int] = []
    /// What ended here and was not reported, as its journal has it.
    var recorded: [Int] = []
    /// When the last message to it, and from it, arrives.
    var toWorker = 0.0
    var toRoot = 0.0
}

/// The workers.
extension VirtualCluster {
    /// Does what rank 0 says.
    mutating func obey(_ command: Dispatcher.Command, on worker: Int) {
        guard !workers[worker].isDead else { return }
        switch command {
        case .deal(_, let jobs): add(jobs, to: worker)
        case .recall:
            let jobs = workers[worker].frames.reduce(0) { $0 + $1.count }
            workers[worker].frames = []
            tell(.returned(worker: worker, jobs: jobs), from: worker)
        case .revoke(_, let job): revoke(job, on: worker)
        case .stop(_, let mode): stop(worker, mode)
        case .copy, .proceed: break
        }
    }

    mutating func add(_ jobs: Range<Int>, to worker: Int) {
        guard !workers[worker].isStopping else { return }
        workers[worker].frames.append(jobs)
        if workers[worker].running == nil { _ = start(worker) }
    }

    /// Starts the worker's next job. True when a batch was at its end.
    private mutating func start(_ worker: Int) -> Bool {
        workers[worker].running = nil
        guard let first = workers[worker].frames.first, let job = first.first else { return true }
        if first.count == 1 {
            workers[worker].frames.removeFirst()
        } else {
            workers[worker].frames[0] = first.lowerBound + 1..<first.upperBound
        }
        workers[worker].running = job
        workers[worker].startTime = now
        tally.lastStart = now
        let time = seconds(job) * (slowness[worker] ?? 1)
        add(.ended(worker: worker, job: job), at: now + time)
        return first.count == 1
    }

    /// The running job has ended.
    mutating func end(_ worker: Int) {
        guard let job = workers[worker].running else { return }
        let time = now - workers[worker].startTime
        tally.seconds += time
        tally.longest = max(tally.longest, time)
        tally.lastEnd = now
        if hasFailed(job, on: worker) {
            workers[worker].retries.append(job)
        } else {
            tally.count(job)
        }
        workers[worker].unreported += 1
        workers[worker].recorded.append(job)
        workers[worker].seconds += time
        let isAtEnd = start(worker)
        let due = workers[worker].lastReport + reportInterval
        if isAtEnd || now >= due {
            report(worker)
        } else if !workers[worker].isReportDue {
            workers[worker].isReportDue = true
            add(.reportDue(worker: worker), at: due)
        }
    }

    private mutating func hasFailed(_ job: Int, on worker: Int) -> Bool {
        guard let fails else { return false }
        tally.attempts[job, default: []].append(worker)
        return fails(job, worker, tally.attempts[job]?.count ?? 0)
    }

    /// Reports what has ended.
    mutating func report(_ worker: Int) {
        let state = workers[worker]
        if state.unreported > 0 {
            workers[worker].unreported = 0
            workers[worker].seconds = 0
            workers[worker].retries = []
            workers[worker].lastReport = now
            tell(
                .completed(worker: worker, jobs: state.unreported, seconds: state.seconds),
                retries: state.retries,
                from: worker
            )
        }
        if state.isStopping, state.running == nil, !state.hasStopped {
            workers[worker].hasStopped = true
            tell(.stopped(worker: worker), from: worker)
        }
    }

    /// Gives up a job that has ended elsewhere, unless it has ended here.
    private mutating func revoke(_ job: Int, on worker: Int) {
        if workers[worker].running == job {
            workers[worker].running = nil
        } else if workers[worker].frames.first == job..<job + 1 {
            workers[worker].frames.removeFirst()
        } else {
            return
        }
        tally.givenUp += 1
        tell(.revoked(worker: worker), from: worker)
        if workers[worker].running == nil { _ = start(worker) }
        report(worker)
    }

    private mutating func stop(_ worker: Int, _ mode: StopMode) {
        workers[worker].isStopping = true
        workers[worker].frames = []
        if mode == .abort, workers[worker].running != nil {
            tally.cancelled += 1
            return end(worker)
        }
        report(worker)
    }

    private mutating func tell(
        _ event: Dispatcher.Event,
        retries: [Int] = [],
        from worker: Int
    ) {
        workers[worker].toRoot = max(workers[worker].toRoot, now + latency())
        add(.message(event, from: worker, retries: retries), at: workers[worker].toRoot)
    }
}
