import FurrowRuns
import FurrowScheduling
import FurrowSystem
import Glibc
import MPI

/// Rank 0's part in running a stage: drives the ``Dispatcher`` with what arrives from the workers
/// and the generator, and carries out its commands. Never waits in an MPI call.
@MPIActor
struct RootLoop {
    /// How long after the end of the grace period a worker may be silent before all is aborted.
    static let patience = Duration.seconds(10)
    /// The most bytes of jobs that are put into one message, if they are more than one.
    static let batchBytes = 1 << 20

    /// Workers that have work for so long, in seconds, are not waited for with impatience.
    static let respite = 2 * Backoff.leisure.seconds

    let world: Communicator
    let channel: Channel
    let feed: JobFeed
    let bell: Mailbox<Never>
    let options: RunOptions
    let ledger: StageLedger
    var dispatcher: Dispatcher
    var progress: Progress
    var tally: StageTally
    private(set) var store = FrameStore()
    private let stateFile: StateFile?
    private var jobTimes = JobTimes()
    /// The number of the job that each worker runs, and since when as far as rank 0 knows.
    private var running: [RunState.Running?]
    private var abortDeadline: ContinuousClock.Instant?
    /// When jobs that may still end after a signal are cancelled.
    private var drainEnd: ContinuousClock.Instant?
    /// Whether a job's failure has stopped the stage.
    private var hasFailed = false
    private var isFed = false
    private var isExhausted = false

    init(
        world: Communicator,
        channel: Channel,
        feed: JobFeed,
        bell: Mailbox<Never>,
        options: RunOptions,
        ledger: StageLedger,
        dispatcher: Dispatcher,
        progress: Progress,
        tally: StageTally
    ) {
        self.world = world
        self.channel = channel
        self.feed = feed
        self.bell = bell
        self.options = options
        self.ledger = ledger
        stateFile = options.journal.map { StateFile(in: $0.directory) }
        running = Array(repeating: nil, count: world.size - 1)
        self.dispatcher = dispatcher
        // Nothing is known yet of how long jobs take.
        if options.lastMoment != nil { self.dispatcher.depth = 1 }
        self.progress = progress
        self.tally = tally
    }

    /// Runs until every job is accounted for and every worker was told to go on to the gather.
    mutating func run() throws -> StageTally {
        var backoff = Backoff()
        while true {
            var hasActed = false
            while let message = try channel.receive() {
                try handle(message)
                hasActed = true
            }
            stopInTime()
            while true {
                if takeJobs() { hasActed = true }
                guard let command = dispatcher.nextCommand() else { break }
                if case .proceed = command {
                    try proceed()
                    return tally
                }
                try carryOut(command)
                hasActed = true
            }
            showProgress()
            abortIfSilent()
            if hasActed { backoff.reset() }
            channel.rest(backoff, bell, isUrgent: dispatcher.respite < Self.respite)
        }
    }

    private mutating func handle(_ message: Channel.Message) throws {
        let worker = message.source - 1
        switch message.tag {
        case .report:
            let report = try Report(message: message.bytes)
            tally.add(report)
            if report.jobs > 0 { options.onProgress?(tally.counts) }
            progress.show(report.shown)
            progress.show(report.failures)
            note(report.current, on: worker)
            jobTimes.record(jobs: report.jobs, seconds: report.elapsed.seconds)
            if dispatcher.depth == 1, jobTimes.expected != nil { dispatcher.depth = 2 }
            dispatcher.handle(
                .completed(worker: worker, jobs: report.jobs, seconds: report.elapsed.seconds)
            )
            if let fault = report.fault, tally.cause == nil {
                tally.cause = (.journal, fault)
                stop(.abort)
            } else if report.counts.failed > 0 {
                stopIfAsked()
            }
        case .returned:
            var start = 0
            var jobs = 0
            while start < message.bytes.count {
                let frames = JobFrames(reading: message.bytes, at: &start)
                jobs += frames.count
                store.insert(frames)
            }
            dispatcher.handle(.returned(worker: worker, jobs: jobs))
        case .stopped:
            dispatcher.handle(.stopped(worker: worker))
        case .interrupted:
            interrupt(.signal(message.bytes.first.map(Int32.init) ?? SIGTERM))
        case .deal, .recall, .stop, .proceed, .part:
            throw MPIError(function: "MPI_Improbe", text: "rank 0 was sent '\(message.tag)'")
        }
    }

    private mutating func note(_ job: Int?, on worker: Int) {
        guard let job else {
            running[worker] = nil
            return
        }
        if running[worker]?.job != job + 1 {
            running[worker] = RunState.Running(taskID: worker, job: job + 1, since: StateFile.now)
        }
    }

    private mutating func showProgress() {
        tally.keep(ledger.keptCounts)
        progress.update(tally.counts)
        stateFile?.update(
            RunState(
                stage: tally.stage,
                total: progress.total,
                counts: tally.counts,
                running: running.compactMap { $0 }
            )
        )
    }

    /// Heeds signals and the time limit: before jobs are dealt, so that none is that would not end.
    private mutating func stopInTime() {
        if let signal = Interruption.signal { interrupt(.signal(signal)) }
        // A failure that has stopped the stage already stays the reason.
        if let end = options.lastMoment, tally.interruption == nil, !hasFailed,
            .now + .seconds(jobTimes.expected ?? 0) >= end
        {
            interrupt(.timeLimit)
        }
        // Whatever stopped the stage, what still runs is cancelled once, in time.
        guard abortDeadline == nil else { return }
        let end = [drainEnd, options.lastMoment].compactMap { $0 }.min()
        if let end, ContinuousClock.now > end || Interruption.isUrgent { stop(.abort) }
    }

    /// Ends the stage early: no new job starts, those that run may end until the time limit or, at a
    /// signal, until the grace period is over, and then are cancelled.
    private mutating func interrupt(_ reason: Interruption.Reason) {
        // A signal may shorten what a time limit leaves.
        let isNew = tally.interruption == nil
        guard tally.cause == nil, isNew || tally.interruption == .timeLimit && reason != .timeLimit
        else { return }
        tally.interruption = reason
        if reason != .timeLimit { drainEnd = .now + options.grace }
        stop(.finish)
    }

    private mutating func stopIfAsked() {
        switch options.onFailure {
        case .abort: stop(.abort)
        case .finish: stop(.finish)
        case .continue: return
        }
        hasFailed = true
    }

    private mutating func stop(_ mode: StopMode) {
        feed.cancel()
        isFed = true
        dispatcher.handle(.stop(mode))
        if mode == .abort, abortDeadline == nil {
            abortDeadline = .now + options.grace + Self.patience
        }
    }

    /// Takes what the generator has made. True when there was something.
    private mutating func takeJobs() -> Bool {
        guard !isFed, dispatcher.wantsJobs else { return false }
        let (frames, end) = feed.take()
        if !frames.isEmpty {
            dispatcher.fitting = Self.batchBytes * frames.count / max(frames.size, 1)
            store.insert(frames)
        }
        dispatcher.handle(.generated(frames.jobs))
        switch end {
        case nil:
            return !frames.isEmpty
        case .complete:
            isFed = true
            isExhausted = true
            dispatcher.handle(.exhausted)
        case .failed(let cause, let message):
            tally.cause = (cause, message)
            stop(.abort)
        }
        return true
    }

    private mutating func carryOut(_ command: Dispatcher.Command) throws {
        switch command {
        case .deal(let worker, let jobs):
            try channel.send(store.take(jobs).message, to: worker + 1, .deal)
        case .recall(let worker):
            try channel.send([], to: worker + 1, .recall)
        case .stop(let worker, let mode):
            try channel.send([mode.rawValue], to: worker + 1, .stop)
        case .proceed:
            break
        }
    }

    private mutating func proceed() throws {
        for rank in 1..<world.size { try channel.send([], to: rank, .proceed) }
        try channel.flush()
        tally.keep(ledger.keptCounts)
        // A generator that was stopped may not have made them all.
        let notMade = isExhausted ? 0 : (progress.total ?? 0) - tally.counts.done
        tally.counts.notRun = max(dispatcher.dropped, notMade)
        tally.isExhausted = isExhausted
        progress.finish(tally.counts)
        stateFile?.finish(
            RunState(stage: tally.stage, total: progress.total, counts: tally.counts, running: [])
        )
    }

    /// A worker whose MPI thread does not answer can be waited for no longer: the only way on for
    /// the others is to end the MPI job.
    private func abortIfSilent() {
        guard let abortDeadline, ContinuousClock.now > abortDeadline else { return }
        let silent = dispatcher.silentWorkers.map { "rank \($0 + 1)" }.joined(separator: ", ")
        StandardError.write(
            "\(tally.stage): \(silent) did not answer within \(Self.patience) after the grace "
                + "period; ending all ranks. Was it stopped or is its node gone?"
        )
        MPISession.abort(ExitStatus.internalError.rawValue)
    }
}

extension Channel {
    /// Sleeps until the next look at the network is due or something on this rank rings the bell.
    ///
    /// - Parameter isUrgent: whether somebody has nothing to do until it comes.
    func rest(_ backoff: Backoff, _ bell: Mailbox<Never>, isUrgent: Bool) {
        var pause = backoff.pause(isUrgent: isUrgent)
        // A message under way needs both ends to look after it.
        if isBusy { pause = min(pause, Backoff.spin) }
        // Where ranks outnumber cores, whoever has work should have the core.
        if pause == .zero { sched_yield() }
        _ = bell.take(waitingUpTo: pause)
    }
}
