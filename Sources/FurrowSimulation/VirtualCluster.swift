package import FurrowScheduling
import FurrowSystem
import HeapModule

/// The real dispatcher with virtual workers in virtual time: does every job run once, whatever
/// happens, and how many workers can one rank 0 serve?
///
/// Rank 0 does one thing after the other: it receives what has arrived, passes it to the dispatcher,
/// and sends the resulting commands, each of which takes time. Messages are under way for some time,
/// and arrive in order between two ends. A worker reports as a real one does: at the end of a batch,
/// and at intervals what can wait.
package struct VirtualCluster {
    /// The times of operations, in seconds.
    package struct Costs: Sendable {
        /// To receive or send a message on rank 0.
        package var message = 0.0
        /// For the dispatcher to handle an event or return a command.
        package var event = 0.0
        /// From sending to arriving: the mean.
        package var latency = 50e-6
        /// Whether the latency varies, between nothing and twice the mean.
        package var isJittery = true
        /// To make a job, on another thread than the one that deals.
        package var job = 0.0

        package init() {}
    }

    /// How many portions the generator is ahead, at most.
    static let mostPortions = 16

    enum Happening {
        /// A worker's message has arrived at rank 0. With a report come the jobs that run once more.
        case message(Dispatcher.Event, from: Int, retries: [Int] = [])
        /// Rank 0's message has arrived at a worker.
        case command(Dispatcher.Command, worker: Int)
        case ended(worker: Int, job: Int)
        case reportDue(worker: Int)
        case retryDue(job: Int, from: Int)
        /// The generator has made more jobs.
        case made(Range<Int>)
        /// The stage's policy has something to do.
        case policyDue
        /// Rank 0 looks for jobs that take long.
        case look
        case died(worker: Int)
        /// Rank 0 hears of it.
        case lost(worker: Int)
    }

    private struct Moment: Comparable {
        let time: Double
        let number: Int
        let happening: Happening

        static func < (one: Moment, other: Moment) -> Bool {
            one.time == other.time ? one.number < other.number : one.time < other.time
        }
        static func == (one: Moment, other: Moment) -> Bool { one.number == other.number }
    }

    package var dispatcher: Dispatcher
    package var costs = Costs()
    /// How many jobs the generator makes at a time.
    package var portion = Int.max
    /// How long that takes at least, in seconds.
    package var portionSeconds = 1e-3
    /// After how many happenings the stage is stopped, and how.
    package var stops: [(after: Int, mode: StopMode)] = []
    /// What heeds the time limit.
    package internal(set) var stop: VirtualStop?
    /// Whether a job's attempt fails on a worker, after which it runs once more.
    package var fails: ((_ job: Int, _ worker: Int, _ attempt: Int) -> Bool)?
    /// How many times as long jobs take on a worker.
    package var slowness: [Int: Double] = [:]
    /// After how long a job may have a copy on an idle worker, in seconds; `nil`: never.
    package var patience: Double?
    /// How long a job waits that has failed.
    package var retryDelay = 0.0

    /// The time now, in seconds.
    package internal(set) var now = 0.0
    /// What has happened.
    package internal(set) var tally: Tally
    /// Until when rank 0 is busy.
    var rootTime = 0.0
    var jobTimes = JobTimes()
    var policyDue: Double?
    var obeyed = 0
    var workers: [VirtualWorker]
    let reportInterval: Double
    /// How many jobs there are.
    package let count: Int
    let seconds: (Int) -> Double
    var random: SeededRandom
    private var agenda = Heap<Moment>()
    private var number = 0
    /// Messages that rank 0 has not received yet.
    var inbox: [(time: Double, event: Dispatcher.Event, worker: Int, retries: [Int])] = []
    /// How many jobs were made, and those that the dispatcher has not been told of.
    var made = 0
    var ready: [Range<Int>] = []
    private var generatorTime = 0.0

    /// - Parameters:
    ///   - workers: how many workers there are.
    ///   - schedule: how jobs are dealt.
    ///   - count: how many jobs there are.
    ///   - seed: of the latencies.
    ///   - seconds: how long each job takes.
    package init(
        workers: Int,
        schedule: Schedule,
        count: Int,
        seed: UInt64 = 1,
        seconds: @escaping (Int) -> Double
    ) {
        dispatcher = Dispatcher(workers: workers, schedule: schedule)
        self.workers = Array(repeating: VirtualWorker(), count: workers)
        self.count = count
        self.seconds = seconds
        random = SeededRandom(seed: seed)
        reportInterval = Dispatcher.reportInterval(workers: workers)
        tally = Tally(jobs: count)
        guard case .static(let chunk) = schedule else { return }
        let blocks = Schedule.blocks(jobs: count, workers: workers, chunk: chunk)
        for (worker, ranges) in blocks.enumerated() {
            for jobs in ranges {
                dispatcher.handle(.assigned(worker: worker, jobs))
                add(jobs, to: worker)
            }
        }
        made = count
        tally.generated = count
    }

    /// More than this for a stage is a sign of commands that go round in circles.
    package var mostHappenings: Int { 20 * count + 100 * workers.count + 1000 }

    /// The least possible time, divided by the time that the jobs took.
    package var efficiency: Double {
        max(tally.seconds / Double(workers.count), tally.longest) / tally.lastEnd
    }

    /// Runs until nothing happens any more.
    package mutating func run() {
        for _ in 0..<Self.mostPortions { makePortion() }
        if let patience { add(.look, at: patience) }
        act()
        while tally.happenings < mostHappenings {
            for stop in stops where stop.after == tally.happenings {
                dispatcher.handle(.stop(stop.mode))
                act()
            }
            // Rank 0 receives all waiting messages, and then carries out the commands.
            if let first = inbox.first,
                agenda.min.map({ $0.time > max(rootTime, first.time) }) ?? true
            {
                receive()
            } else if let moment = agenda.popMin() {
                switch moment.happening {
                case .policyDue where tally.proceeds > 0, .look where tally.proceeds > 0: continue
                default: break
                }
                now = moment.time
                // Looks are as many as there is time.
                if case .look = moment.happening {} else { tally.happenings += 1 }
                carryOut(moment.happening)
            } else {
                return
            }
        }
    }

    /// Lets a worker die.
    package mutating func lose(_ worker: Int, at time: Double) {
        add(.died(worker: worker), at: time)
    }

    /// Has a policy stop the stage, as rank 0 does.
    package mutating func heed(_ policy: VirtualStop) {
        stop = policy
        if policy.policy.isTimed { dispatcher.depth = 1 }
    }

    mutating func add(_ happening: Happening, at time: Double) {
        agenda.insert(Moment(time: time, number: number, happening: happening))
        number += 1
    }

    mutating func latency() -> Double {
        costs.isJittery ? costs.latency * Double.random(in: 0...2, using: &random) : costs.latency
    }

    /// Makes the next jobs while rank 0 deals the previous ones.
    mutating func makePortion() {
        let jobs = made..<made + min(portion, count - made)
        guard !jobs.isEmpty else { return }
        made = jobs.upperBound
        generatorTime =
            max(generatorTime, rootTime) + portionSeconds + Double(jobs.count) * costs.job
        add(.made(jobs), at: generatorTime)
    }

    private mutating func carryOut(_ happening: Happening) {
        switch happening {
        case .message(let event, let worker, let retries):
            inbox.append((now, event, worker, retries))
        case .command(let command, let worker): obey(command, on: worker)
        case .ended(let worker, let job):
            if workers[worker].running == job { end(worker) }
        case .reportDue(let worker):
            workers[worker].isReportDue = false
            if !workers[worker].isDead { report(worker) }
        case .made(let jobs):
            ready.append(jobs)
            act()
        case .retryDue(let job, let worker):
            if !dispatcher.isStopping { dispatcher.handle(.retried(job: job, avoiding: worker)) }
            act()
        case .policyDue: act()
        case .look:
            look()
            act()
            // Where nothing else is to come, the stage hangs.
            if let patience, !agenda.isEmpty { add(.look, at: now + patience / 4) }
        case .died(let worker):
            workers[worker].isDead = true
            workers[worker].running = nil
            // The news may come before a message that the worker sent last, or after it.
            add(.lost(worker: worker), at: now + latency())
        case .lost(let worker):
            lose(worker)
            act()
        }
    }
}
