import FurrowRuns
import FurrowScheduling
import FurrowSystem
import Glibc
import MPI

/// Rank 0's part of a stage. It feeds messages from the workers and jobs from the generator to the
/// ``Dispatcher`` and the ``StopPolicy``, and carries out their commands. Never waits in an MPI
/// call.
@MPIActor
struct RootLoop {
    /// The most bytes of a message with more than one job.
    static let batchBytes = 1 << 20

    /// If all workers have work for longer than this, in seconds, rank 0 need not spin.
    static let longSlack = 2 * Backoff.shortestIdlePause.seconds

    let world: Communicator
    let channel: Channel
    let feed: JobFeed
    let wakeup: Mailbox<Never>
    let options: RunOptions
    var dispatcher: Dispatcher
    var policy: StopPolicy
    var monitor: StageMonitor
    var losses: Losses
    /// Jobs that run once more.
    var retries = Retries()
    var store = FrameStore()
    var quarantine: Quarantine
    /// What suspected workers said.
    var suspects: [Int: WorkerProblem] = [:]
    /// When jobs that take long are looked for.
    var nextLook = MonotonicTime.now
    /// The ranks that have not answered "proceed", once they were sent it.
    var awaited: Set<Int>?
    private var isFed = false
    private var isExhausted = false

    init(
        world: Communicator,
        feed: JobFeed,
        wakeup: Mailbox<Never>,
        options: RunOptions,
        dispatcher: Dispatcher,
        policy: StopPolicy,
        monitor: StageMonitor,
        losses: Losses
    ) {
        self.world = world
        channel = Channel(world, limit: min(options.messageLimit, Channel.survivableLimit))
        self.feed = feed
        self.wakeup = wakeup
        self.options = options
        self.dispatcher = dispatcher
        // The jobs' times are not known yet.
        if policy.isTimed { self.dispatcher.depth = 1 }
        self.policy = policy
        self.monitor = monitor
        quarantine = Quarantine(workers: dispatcher.count)
        for worker in 0..<dispatcher.count where !world.members.contains(worker + 1) {
            _ = quarantine.remove(worker)
        }
        self.losses = losses
    }

    /// Runs until every job is accounted for and every worker was told to begin the gather.
    mutating func run() throws -> StageTally {
        var backoff = Backoff()
        losses.watch?.wake(wakeup)
        defer { losses.watch?.wake(nil) }
        while true {
            var hasActed = false
            while let message = try channel.receive() {
                try handle(message)
                hasActed = true
            }
            for lost in losses.watch?.take() ?? [] { try lose(lost) }
            // Before jobs are dealt, so that no job is dealt that would not end in time.
            policy.look()
            if options.copiesStragglers { copyStragglers() }
            while true {
                if takeJobs() { hasActed = true }
                if dealRetries() { hasActed = true }
                while let action = policy.nextAction() { obey(action) }
                guard let command = dispatcher.nextCommand() else { break }
                try carryOut(command)
                hasActed = true
            }
            if awaited?.isEmpty == true {
                try gather()
                return monitor.tally
            }
            monitor.update()
            if hasActed { backoff.reset() }
            channel.rest(backoff, wakeup, isUrgent: dispatcher.slack < Self.longSlack)
        }
    }

    private mutating func handle(_ message: Channel.Message) throws {
        let worker = message.source - 1
        let purpose = try message.purpose
        switch purpose {
        case .report:
            let report = try Report(message: message.bytes)
            let hasFailed = report.counts.succeeded == 0
            if report.jobs > 0, dispatcher.isOfNoConcern(worker, hasFailed: hasFailed) {
                return try forgetCopy(report, on: worker)
            }
            let ended =
                quarantine.isTrying || retries.areRunning
                ? Array(dispatcher.held(by: worker).joined().prefix(report.jobs)) : []
            monitor.add(report, from: worker)
            losses.dealt.complete(report.jobs, of: worker)
            policy.heed(report, options.onFailure, monitor.jobTimes)
            if dispatcher.depth == 1, monitor.jobTimes.expected != nil { dispatcher.depth = 2 }
            dispatcher.handle(
                .completed(worker: worker, jobs: report.jobs, seconds: report.elapsed.seconds)
            )
            retries.end(ended)
            take(report, from: worker)
            try judge(report, of: worker, ended)
        case .returned:
            var start = 0
            var jobs = 0
            while start < message.bytes.count {
                let frames = JobFrames(reading: message.bytes, at: &start)
                jobs += frames.count
                store.insert(frames)
            }
            losses.dealt.giveBack(jobs, from: worker)
            dispatcher.handle(.returned(worker: worker, jobs: jobs))
        case .revoked:
            losses.dealt.giveBack(1, from: worker)
            monitor.note(nil, on: worker)
            dispatcher.handle(.revoked(worker: worker))
        case .stopped:
            dispatcher.handle(.stopped(worker: worker))
        case .interrupted:
            let signal = message.bytes.first.map(Int32.init) ?? SIGTERM
            policy.handle(.signal(signal), at: .now)
        case .ready:
            awaited?.remove(message.source)
        case .deal, .recall, .revoke, .stop, .resume, .proceed, .gather:
            throw MPIError(function: "MPI_Improbe", text: "rank 0 was sent '\(purpose)'")
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
        monitor.stop(policy.interruption)
        guard !isFed else { return }
        isFed = true
        // The jobs made by now are counted as not run.
        let (frames, end) = feed.take()
        dispatcher.handle(.generated(frames.jobs))
        if case .complete = end { isExhausted = true }
        feed.cancel()
    }

    /// Takes the jobs that the generator has made. True if there were any.
    private mutating func takeJobs() -> Bool {
        guard !isFed, dispatcher.wantsJobs else { return false }
        let (frames, end) = feed.take()
        if !frames.isEmpty {
            dispatcher.mostPerMessage = Self.batchBytes * frames.count / max(frames.size, 1)
            store.insert(frames)
            monitor.made = (monitor.made ?? 0) + frames.count
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
            try deal(store.take(jobs), to: worker)
        case .copy(let worker, let job, let holder):
            try copy(job, to: worker, from: holder)
        case .revoke(let worker, let job):
            var bytes: [UInt8] = []
            bytes.append(integer: job)
            try channel.send(bytes, to: worker + 1, .revoke)
        case .recall(let worker):
            try channel.send([], to: worker + 1, .recall)
        case .stop(let worker, let mode):
            try channel.send([mode.rawValue], to: worker + 1, .stop)
        case .proceed:
            policy.handle(.ended, at: .now)
            let living = Set(1..<world.size).intersection(world.members).subtracting(losses.ranks)
            awaited = living
            for rank in living { try channel.send([], to: rank, .proceed) }
        }
    }

    mutating func deal(_ frames: JobFrames, to worker: Int) throws {
        losses.dealt.deal(frames, to: worker)
        try channel.send(frames.message, to: worker + 1, .deal)
    }

    /// From here on every rank waits for every other, so a rank that dies now ends all.
    private mutating func gather() throws {
        var lost: [UInt8] = []
        for rank in losses.ranks { lost.append(integer: rank) }
        for rank in world.members where rank > 0 && !losses.ranks.contains(rank) {
            try channel.send(lost, to: rank, .gather)
        }
        try channel.flush()
        if !losses.ranks.isEmpty { try world.continueWithout(losses.ranks) }
        let dealt = giveUpRetries()
        monitor.finish(
            policy.interruption,
            dropped: dispatcher.dropped - dealt,
            isExhausted: isExhausted
        )
    }

    /// Ends the MPI job: a worker's MPI thread does not answer, and the others would wait for ever.
    private func abort() {
        let silent = dispatcher.silentWorkers.map { "rank \($0 + 1)" }.joined(separator: ", ")
        StandardError.write(
            "\(monitor.tally.stage): \(silent) did not answer within \(StopPolicy.patience) after "
                + "the grace period; ending all ranks. Check whether it was stopped or its node is down."
        )
        MPISession.abort(ExitStatus.internalError.rawValue)
    }
}

extension Channel {
    /// Sleeps until the next check of the network is due or something on this rank wakes it.
    ///
    /// - Parameter isUrgent: whether some rank has nothing to do until then.
    func rest(_ backoff: Backoff, _ wakeup: Mailbox<Never>, isUrgent: Bool) {
        var pause = backoff.pause(isUrgent: isUrgent)
        // A message in transit needs attention at both ends.
        if isBusy { pause = min(pause, Backoff.spin) }
        // If there are more ranks than cores, ranks with work should get the core.
        if pause == .zero { sched_yield() }
        _ = wakeup.take(waitingUpTo: pause)
    }
}
