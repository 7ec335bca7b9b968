import DequeModule
import Furrow
import HeapModule

/// The real dispatcher with virtual workers, in virtual time: how many ranks can one rank 0 serve?
///
/// Rank 0 does one thing after the other: it receives a message, passes it to the dispatcher, and
/// sends the resulting commands. Each message and each event takes time. Workers report like real
/// ones: at the end of a batch, and at intervals for reports that can wait. Messages take time in
/// transit, and arrive in order.
struct RootSimulation {
    /// The times of operations, in seconds.
    struct Costs {
        /// To receive or send a message on rank 0.
        var message: Double
        /// For the dispatcher to handle an event or return a command.
        var event: Double
        /// From sending to arriving.
        var latency: Double
        /// To make a job, on another thread than the one that deals.
        var job: Double
    }

    /// How many jobs the generator makes before rank 0 checks.
    private static let portion = 1024

    private enum Happening {
        /// A worker's message has arrived at rank 0.
        case message(Dispatcher.Event)
        /// A message of rank 0 has arrived at its worker.
        case deal(worker: Int, Range<Int>)
        case recall(worker: Int)
        /// The generator has made more jobs.
        case generated(Range<Int>)
        /// A worker has run all jobs before its next report.
        case stretchEnd(worker: Int, stretch: Int)
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

    private struct Worker {
        /// Waiting jobs, after those of the stretch.
        var queue: [Range<Int>] = []
        /// The jobs that it runs before its next report.
        var stretch = 0..<0
        var stretchStart = 0.0
        var stretchNumber = 0
        var lastReport = -Double.infinity
    }

    private var dispatcher: Dispatcher
    private var workers: [Worker]
    private let times: JobTimes
    private let costs: Costs
    private let reportInterval: Double
    private var agenda = Heap<Moment>()
    /// Messages that rank 0 has not received yet.
    private var inbox: [(time: Double, event: Dispatcher.Event)] = []
    private var number = 0
    /// Until when rank 0 is busy.
    private var rootTime = 0.0
    private var generated = 0
    private var generatorTime = 0.0
    /// Jobs that the generator has made and the dispatcher has not been told of.
    private var ready = Deque<Range<Int>>()
    private var hasProceeded = false

    private(set) var ran = 0
    private(set) var events = 0
    private(set) var messages = 0
    /// How long rank 0 was busy, in virtual seconds.
    private(set) var busy = 0.0
    private(set) var total = 0.0
    private(set) var longest = 0.0
    /// When the last job ended.
    private(set) var makespan = 0.0
    /// The real time of handling events on this machine, measured for every 64th.
    private(set) var sampled = (events: 0, time: Duration.zero)

    init(workers: Int, times: JobTimes, costs: Costs) {
        dispatcher = Dispatcher(workers: workers, schedule: .dynamic(chunk: nil))
        self.workers = Array(repeating: Worker(), count: workers)
        self.times = times
        self.costs = costs
        reportInterval = Dispatcher.reportInterval(workers: workers)
    }

    /// Runs until the gather could begin.
    ///
    /// - Throws: ``WrongResult`` unless every job ran exactly once.
    mutating func run() throws {
        // At most as many as the feed holds.
        for _ in 0..<16 { generate() }
        while true {
            // Rank 0 receives all waiting messages, and then carries out the commands.
            if let first = inbox.first,
                agenda.min.map({ $0.time > max(rootTime, first.time) }) ?? true
            {
                read()
            } else if let moment = agenda.popMin() {
                carryOut(moment.happening, at: moment.time)
            } else {
                break
            }
        }
        try WrongResult.unless(
            ran == times.count && hasProceeded,
            "\(ran) of \(times.count) virtual jobs ran"
        )
    }

    /// The least possible time, divided by the simulated time.
    var efficiency: Double { max(total / Double(workers.count), longest) / makespan }

    private mutating func add(_ happening: Happening, at time: Double) {
        agenda.insert(Moment(time: time, number: number, happening: happening))
        number += 1
    }

    private mutating func carryOut(_ happening: Happening, at time: Double) {
        switch happening {
        case .message(let event):
            inbox.append((time, event))
        case .generated(let jobs):
            ready.append(jobs)
            rootTime = max(rootTime, time)
            obey()
        case .deal(let worker, let jobs):
            workers[worker].queue.append(jobs)
            if workers[worker].stretch.isEmpty { run(worker, from: time) }
        case .recall(let worker):
            giveBack(worker, at: time)
        case .stretchEnd(let worker, let stretch):
            if workers[worker].stretchNumber == stretch { end(worker, at: time) }
        }
    }

    // MARK: The generator

    /// Makes the next jobs while rank 0 deals the previous ones.
    private mutating func generate() {
        let jobs = generated..<min(generated + Self.portion, times.count)
        guard !jobs.isEmpty else { return }
        generated = jobs.upperBound
        generatorTime = max(generatorTime, rootTime) + Double(jobs.count) * costs.job
        add(.generated(jobs), at: generatorTime)
    }

    // MARK: Rank 0

    private mutating func read() {
        rootTime = max(rootTime, inbox[0].time)
        for (_, event) in inbox {
            spend(message: true)
            timed { $0.handle(event) }
        }
        inbox.removeAll(keepingCapacity: true)
        obey()
    }

    private mutating func spend(message: Bool) {
        let cost = costs.event + (message ? costs.message : 0)
        rootTime += cost
        busy += cost
        events += 1
        if message { messages += 1 }
    }

    private mutating func timed<Value>(_ body: (inout Dispatcher) -> Value) -> Value {
        guard events % 64 == 0 else { return body(&dispatcher) }
        let start = ContinuousClock.now
        let value = body(&dispatcher)
        sampled.time += ContinuousClock.now - start
        sampled.events += 1
        return value
    }

    private mutating func obey() {
        while true {
            if dispatcher.wantsJobs {
                let jobs = ready.popFirst() ?? times.count..<times.count
                dispatcher.handle(.generated(jobs))
                if !jobs.isEmpty, jobs.upperBound == times.count { dispatcher.handle(.exhausted) }
                generate()
            }
            switch timed({ $0.nextCommand() }) {
            case nil: return
            case .deal(let worker, let jobs):
                spend(message: true)
                add(.deal(worker: worker, jobs), at: rootTime + costs.latency)
            case .recall(let worker):
                spend(message: true)
                add(.recall(worker: worker), at: rootTime + costs.latency)
            case .stop: spend(message: true)
            case .proceed: hasProceeded = true
            }
        }
    }

    // MARK: Workers

    /// Starts the jobs that run before the worker's next report.
    private mutating func run(_ worker: Int, from time: Double) {
        guard let batch = workers[worker].queue.first else { return }
        var end = time
        var jobs = batch.lowerBound..<batch.lowerBound
        for job in batch {
            end += times[job]
            jobs = jobs.lowerBound..<job + 1
            if end - workers[worker].lastReport >= reportInterval { break }
        }
        if jobs.upperBound == batch.upperBound {
            workers[worker].queue.removeFirst()
        } else {
            workers[worker].queue[0] = jobs.upperBound..<batch.upperBound
        }
        workers[worker].stretch = jobs
        workers[worker].stretchStart = time
        schedule(worker, end: end)
    }

    private mutating func schedule(_ worker: Int, end: Double) {
        workers[worker].stretchNumber += 1
        add(.stretchEnd(worker: worker, stretch: workers[worker].stretchNumber), at: end)
    }

    private mutating func end(_ worker: Int, at time: Double) {
        let jobs = workers[worker].stretch
        for job in jobs {
            total += times[job]
            longest = max(longest, times[job])
        }
        ran += jobs.count
        makespan = max(makespan, time)
        let seconds = time - workers[worker].stretchStart
        workers[worker].stretch = 0..<0
        workers[worker].lastReport = time
        add(
            .message(.completed(worker: worker, jobs: jobs.count, seconds: seconds)),
            at: time + costs.latency
        )
        run(worker, from: time)
    }

    /// Returns the jobs that have not begun, also those of the stretch.
    private mutating func giveBack(_ worker: Int, at time: Double) {
        var jobs = workers[worker].queue.reduce(0) { $0 + $1.count }
        workers[worker].queue.removeAll()
        let stretch = workers[worker].stretch
        var end = workers[worker].stretchStart
        for job in stretch {
            end += times[job]
            guard end > time, job + 1 < stretch.upperBound else { continue }
            jobs += stretch.upperBound - job - 1
            workers[worker].stretch = stretch.lowerBound..<job + 1
            schedule(worker, end: end)
            break
        }
        add(.message(.returned(worker: worker, jobs: jobs)), at: time + costs.latency)
    }
}

/// Each job's time: between 0.5 and 1.5 times the mean, depending on its number.
struct JobTimes {
    let count: Int
    let mean: Double

    subscript(job: Int) -> Double {
        // Fibonacci hashing: neighbouring numbers are far apart.
        let bits = UInt64(truncatingIfNeeded: job &+ 1) &* 0x9e37_79b9_7f4a_7c15
        return mean * (0.5 + Double(bits >> 11) * 0x1p-53)
    }
}
