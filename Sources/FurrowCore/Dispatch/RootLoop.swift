import FurrowRuns
import FurrowScheduling
import FurrowSystem
import Glibc
import MPI

/// Rank 0's part in running a stage: drives the ``Dispatcher`` and the ``StopPolicy`` with what
/// arrives from the workers and the generator, and carries out their commands. Never waits in an MPI
/// call.
@MPIActor
struct RootLoop {
    /// The most bytes of jobs that are put into one message, if they are more than one.
    static let batchBytes = 1 << 20

    /// Workers that have work for so long, in seconds, are not waited for with impatience.
    static let longSlack = 2 * Backoff.shortestIdlePause.seconds

    let world: Communicator
    let channel: Channel
    let feed: JobFeed
    let wakeup: Mailbox<Never>
    let onFailure: FailurePolicy
    var dispatcher: Dispatcher
    var policy: StopPolicy
    var monitor: StageMonitor
    private var store = FrameStore()
    private var isFed = false
    private var isExhausted = false

    init(
        world: Communicator,
        feed: JobFeed,
        wakeup: Mailbox<Never>,
        options: RunOptions,
        dispatcher: Dispatcher,
        policy: StopPolicy,
        monitor: StageMonitor
    ) {
        self.world = world
        channel = Channel(world, limit: options.messageLimit)
        self.feed = feed
        self.wakeup = wakeup
        onFailure = options.onFailure
        self.dispatcher = dispatcher
        // Nothing is known yet of how long jobs take.
        if policy.isTimed { self.dispatcher.depth = 1 }
        self.policy = policy
        self.monitor = monitor
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
            // Before jobs are dealt, so that none is that would not end in time.
            policy.look()
            while true {
                if takeJobs() { hasActed = true }
                while let action = policy.nextAction() { obey(action) }
                guard let command = dispatcher.nextCommand() else { break }
                if case .proceed = command {
                    try proceed()
                    return monitor.tally
                }
                try carryOut(command)
                hasActed = true
            }
            monitor.update()
            if hasActed { backoff.reset() }
            channel.rest(backoff, wakeup, isUrgent: dispatcher.slack < Self.longSlack)
        }
    }

    private mutating func handle(_ message: Channel.Message) throws {
        let worker = message.source - 1
        switch message.tag {
        case .report:
            let report = try Report(message: message.bytes)
            monitor.add(report, from: worker)
            policy.heed(report, onFailure, monitor.jobTimes)
            if dispatcher.depth == 1, monitor.jobTimes.expected != nil { dispatcher.depth = 2 }
            dispatcher.handle(
                .completed(worker: worker, jobs: report.jobs, seconds: report.elapsed.seconds)
            )
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
            let signal = message.bytes.first.map(Int32.init) ?? SIGTERM
            policy.handle(.signal(signal), at: .now)
        case .deal, .recall, .stop, .proceed, .part:
            throw MPIError(function: "MPI_Improbe", text: "rank 0 was sent '\(message.tag)'")
        }
    }

    private mutating func obey(_ action: StopPolicy.Action) {
        switch action {
        case .finish: stopDealing(.finish)
        case .cancel: stopDealing(.abort)
        case .abandon: break
        case .giveUp: abort()
        }
    }

    private mutating func stopDealing(_ mode: StopMode) {
        dispatcher.handle(.stop(mode))
        guard !isFed else { return }
        isFed = true
        // What is made by now is known not to be run.
        let (frames, end) = feed.take()
        dispatcher.handle(.generated(frames.jobs))
        if case .complete = end { isExhausted = true }
        feed.cancel()
    }

    /// Takes what the generator has made. True when there was something.
    private mutating func takeJobs() -> Bool {
        guard !isFed, dispatcher.wantsJobs else { return false }
        let (frames, end) = feed.take()
        if !frames.isEmpty {
            dispatcher.mostPerMessage = Self.batchBytes * frames.count / max(frames.size, 1)
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
            isFed = true
            monitor.blame(cause, message)
            policy.handle(.fault, at: .now)
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
        policy.handle(.ended, at: .now)
        for rank in 1..<world.size { try channel.send([], to: rank, .proceed) }
        try channel.flush()
        monitor.finish(
            policy.interruption,
            dropped: dispatcher.dropped,
            isExhausted: isExhausted
        )
    }

    /// A worker whose MPI thread does not answer can be waited for no longer: the only way on for
    /// the others is to end the MPI job.
    private func abort() {
        let silent = dispatcher.silentWorkers.map { "rank \($0 + 1)" }.joined(separator: ", ")
        StandardError.write(
            "\(monitor.tally.stage): \(silent) did not answer within \(StopPolicy.patience) after "
                + "the grace period; ending all ranks. Was it stopped or is its node gone?"
        )
        MPISession.abort(ExitStatus.internalError.rawValue)
    }
}

extension Channel {
    /// Sleeps until the next look at the network is due or something on this rank wakes it.
    ///
    /// - Parameter isUrgent: whether somebody has nothing to do until it comes.
    func rest(_ backoff: Backoff, _ wakeup: Mailbox<Never>, isUrgent: Bool) {
        var pause = backoff.pause(isUrgent: isUrgent)
        // A message under way needs both ends to look after it.
        if isBusy { pause = min(pause, Backoff.spin) }
        // Where ranks outnumber cores, whoever has work should have the core.
        if pause == .zero { sched_yield() }
        _ = wakeup.take(waitingUpTo: pause)
    }
}
