import FurrowScheduling
import FurrowSystem
import MPI

/// A worker's part of a stage: passes jobs to its queue and reports to rank 0. Never
/// waits in an MPI call, so a worker in an hour-long job still receives "stop".
@MPIActor
struct WorkerLoop {
    let channel: Channel
    let queue: any WorkerJobs
    let wakeup: Mailbox<Never>
    /// The interval of reports that are not urgent.
    let reportInterval: Duration
    private let options: RunOptions
    /// Whether rank 0 waits for jobs that have not started, and whether it has revoked any. The queue
    /// is asked for nothing in vain: each question may keep its jobs waiting.
    private var isRecalled = false
    private var hasRevocations = false
    /// When a revoked job must have ended.
    private var revocationEnd: MonotonicTime?
    private var policy: StopPolicy
    private var hasStopped = false
    private var hasToldOfSignal = false
    private var lastReport = MonotonicTime.now

    init(
        channel: Channel,
        queue: any WorkerJobs,
        wakeup: Mailbox<Never>,
        options: RunOptions,
        workers: Int
    ) {
        self.channel = channel
        self.queue = queue
        self.wakeup = wakeup
        policy = StopPolicy(grace: options.grace, runsJobs: true)
        self.options = options
        reportInterval = .seconds(Dispatcher.reportInterval(workers: workers))
    }

    /// Runs until rank 0 begins the gather.
    ///
    /// - Returns: the ranks that were lost meanwhile.
    mutating func run() throws -> Set<Int> {
        var backoff = Backoff()
        // Until rank 0 says "proceed" the others can go on without this rank.
        Keeper.arm(true, limit: options.heartbeat)
        while true {
            Keeper.beat()
            var hasActed = false
            while let message = try channel.receive() {
                switch try message.purpose {
                case .proceed:
                    Keeper.arm(false)
                    try channel.send([], to: 0, .ready)
                case .gather:
                    try channel.flush()
                    let places = stride(from: 0, to: message.bytes.count, by: 8)
                    return Set(places.map { message.bytes.integer(at: $0) })
                default:
                    try handle(message)
                }
                hasActed = true
            }
            if policy.nextInstant != nil { policy.advance(to: .now) }
            obey()
            if let end = revocationEnd, .now >= end {
                revocationEnd = nil
                queue.abandonRevoked()
            }
            if try report() { hasActed = true }
            if !hasToldOfSignal, let signal = Interruption.signal {
                hasToldOfSignal = true
                // A launcher that ends all ranks since rank 0 was killed sends the same signal.
                queue.hold()
                try channel.send([UInt8(truncatingIfNeeded: signal)], to: 0, .interrupted)
            }
            if hasActed { backoff.reset() }
            channel.rest(backoff, wakeup, isUrgent: !queue.isRunning)
        }
    }

    private mutating func handle(_ message: Channel.Message) throws {
        let purpose = try message.purpose
        switch purpose {
        case .deal:
            queue.add(JobFrames(message: message.bytes))
        case .recall:
            isRecalled = true
            queue.recall()
        case .resume:
            queue.resume()
        case .revoke:
            hasRevocations = true
            queue.revoke(message.bytes.integer(at: 0))
            revocationEnd = .now + options.grace + StopPolicy.patience
        case .stop:
            let mode = message.bytes.first.flatMap(StopMode.init) ?? .abort
            policy.handle(.ordered(mode), at: .now)
            obey()
        case .proceed, .gather, .report, .returned, .stopped, .revoked, .ready, .interrupted:
            throw MPIError(function: "MPI_Improbe", text: "a worker was sent '\(purpose)'")
        }
    }

    private mutating func obey() {
        while let action = policy.nextAction() { queue.obey(action) }
    }

    /// Sends a report, if there is one. True if there was.
    private mutating func report() throws -> Bool {
        // Read before the report is taken: a job that ends in between is reported next time.
        let isAtEnd = !policy.mayStart && !hasStopped && !queue.isRunning
        let isDue = .now - lastReport >= reportInterval
        var hasActed = false
        if let report = queue.takeReport(always: isDue || isAtEnd) {
            try channel.send(try report.message(), to: 0, .report)
            lastReport = .now
            hasActed = true
        }
        if isRecalled, let returned = queue.takeReturned() {
            isRecalled = false
            try channel.send(returned.flatMap(\.message), to: 0, .returned)
            hasActed = true
        }
        if hasRevocations, queue.takeRevoked() {
            try channel.send([], to: 0, .revoked)
            hasActed = true
        }
        if isAtEnd {
            hasStopped = true
            try channel.send([], to: 0, .stopped)
            hasActed = true
        }
        return hasActed
    }
}
