import FurrowSystem
import Glibc
import Testing

@testable import FurrowScheduling

/// A generator of numbers that are the same on every machine (SplitMix64).
extension SeededRandom {
    /// Job times in seconds whose few longest make up much of the whole.
    mutating func logNormal(_ count: Int, median: Double, sigma: Double) -> [Double] {
        (0..<count).map { _ in
            let radius = sqrt(-2 * log(1 - Double.random(in: 0..<1, using: &self)))
            let angle = 2 * Double.pi * Double.random(in: 0..<1, using: &self)
            return median * exp(sigma * radius * cos(angle))
        }
    }
}

/// Drives a dispatcher with virtual workers in virtual time. Messages take their time, in order
/// between two ends; a worker reports as a real one does: at the end of a batch, and once a
/// millisecond what can wait.
struct DispatchSimulation {
    enum Happening {
        case command(Dispatcher.Command, worker: Int)
        /// With a report come the jobs that are to run once more.
        case event(Dispatcher.Event, retries: [Int] = [])
        case retryDue(job: Int, from: Int)
        case ended(worker: Int, job: Int)
        case reportDue(worker: Int)
        /// Rank 0 looks for jobs that take long.
        case look
        case generate
        /// The stage's policy has something to do.
        case policyDue
        /// A worker dies.
        case died(worker: Int)
        /// Rank 0 hears of it.
        case lost(worker: Int)
    }

    private struct Worker {
        var frames: [Range<Int>] = []
        var running: Int?
        var startTime = 0.0
        var unreported = 0
        var seconds = 0.0
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

    var dispatcher: Dispatcher
    var random: SeededRandom
    /// The mean time of a message in seconds.
    var latency = 50e-6
    /// How many jobs come from the generator at a time.
    var drib = Int.max
    /// After how many happenings the stage is stopped, and how.
    var stops: [(after: Int, mode: StopMode)] = []
    /// What heeds the time limit.
    private(set) var stop: VirtualStop?

    /// Whether a job's attempt fails on a worker, after which it runs once more.
    var fails: ((_ job: Int, _ worker: Int, _ attempt: Int) -> Bool)?
    /// How many times as long jobs take on a worker.
    var slowness: [Int: Double] = [:]
    /// After how long a job may have a copy on an idle worker.
    var patience: Double?
    /// How long a job waits that has failed.
    var retryDelay = 0.0

    private(set) var now = 0.0
    /// Where each job has run, attempt by attempt.
    private(set) var attempts: [Int: [Int]] = [:]
    private(set) var ran: [Int: Int] = [:]
    private(set) var generated = 0
    private(set) var deals: [Range<Int>] = []
    private(set) var recalls = 0
    private(set) var proceeds = 0
    /// Copies, and how many of them were given up.
    private(set) var copies = 0
    private(set) var givenUp = 0
    private(set) var happenings = 0
    private(set) var commandsAfterProceed = 0
    /// Messages that would reach the next stage.
    private(set) var eventsAfterProceed = 0
    /// Jobs that were not accounted for when the stage went on.
    private(set) var dealtAtProceed = 0
    private(set) var mostWaiting = 0
    /// Jobs that were cut short.
    private(set) var cancelled = 0
    /// When the stage went on to its end.
    private(set) var end = 0.0
    /// When the last job began.
    private(set) var lastStart = 0.0

    private var jobTimes = JobTimes()
    private var obeyed = 0
    private var policyDue: Double?
    private let times: [Double]
    private var workers: [Worker]
    private var agenda = Agenda()

    init(workers: Int, schedule: Schedule, times: [Double], seed: UInt64 = 1) {
        dispatcher = Dispatcher(workers: workers, schedule: schedule)
        self.workers = Array(repeating: Worker(), count: workers)
        self.times = times
        random = SeededRandom(seed: seed)
        guard case .static(let chunk) = schedule else { return }
        let blocks = Schedule.blocks(jobs: times.count, workers: workers, chunk: chunk)
        for (worker, ranges) in blocks.enumerated() {
            for jobs in ranges {
                dispatcher.handle(.assigned(worker: worker, jobs))
                add(jobs, to: worker)
            }
        }
        generated = times.count
    }

    /// More than this for a stage is a sign of commands that go round in circles.
    var mostHappenings: Int { 20 * times.count + 100 * workers.count + 1000 }

    /// Runs until nothing happens any more.
    mutating func run() {
        agenda.add(.generate, at: 0)
        if patience != nil { agenda.add(.look, at: 0) }
        repeat {
            for stop in stops where stop.after == happenings { dispatcher.handle(.stop(stop.mode)) }
            obeyPolicy()
            obey()
            guard let (time, happening) = agenda.next() else { return }
            if case .policyDue = happening, proceeds > 0 { continue }
            now = time
            happenings += 1
            carryOut(happening)
        } while happenings < mostHappenings
    }

    /// Lets a worker die.
    mutating func lose(_ worker: Int, at time: Double) {
        agenda.add(.died(worker: worker), at: time)
    }

    /// The worker's journal says which of its jobs have ended; the others are dealt again.
    private mutating func lose(_ worker: Int) {
        workers[worker].isLost = true
        let ended = dispatcher.isLate(worker) ? [] : workers[worker].recorded
        #expect(dispatcher.held(by: worker).joined().starts(with: ended))
        if !ended.isEmpty {
            dispatcher.handle(.completed(worker: worker, jobs: ended.count, seconds: 0))
        }
        dispatcher.handle(.lost(worker: worker))
        if dispatcher.lost == workers.count { dispatcher.handle(.stop(.abort)) }
    }

    private mutating func obeyPolicy() {
        guard stop != nil, proceeds == 0 else { return }
        stop?.advance(to: now)
        for entry in (stop?.log ?? []).dropFirst(obeyed) {
            obeyed += 1
            switch entry.action {
            case .finish: dispatcher.handle(.stop(.finish))
            case .cancel: dispatcher.handle(.stop(.abort))
            case .abandon, .giveUp: break
            }
        }
        guard let next = stop?.next, next != policyDue else { return }
        policyDue = next
        // Later than what rounding may have made of it.
        agenda.add(.policyDue, at: max(next, now) + 1e-9)
    }

    /// Has a policy stop the stage, as rank 0 does.
    mutating func heed(_ policy: VirtualStop) {
        stop = policy
        if policy.policy.isTimed { dispatcher.depth = 1 }
    }

    /// What rank 0's loop does with a report besides.
    private mutating func learn(_ event: Dispatcher.Event) {
        guard stop != nil, case .completed(_, let jobs, let seconds) = event else { return }
        jobTimes.record(jobs: jobs, seconds: seconds)
        if let expected = jobTimes.expected {
            dispatcher.depth = 2
            stop?.handle(.expects(.seconds(expected)), at: now)
        }
    }

    private mutating func obey() {
        mostWaiting = max(mostWaiting, dispatcher.waiting)
        while let command = dispatcher.nextCommand() {
            if proceeds > 0 { commandsAfterProceed += 1 }
            switch command {
            case .deal(let worker, let jobs):
                deals.append(jobs)
                send(command, to: worker)
            case .recall(let worker):
                recalls += 1
                send(command, to: worker)
            case .copy(let worker, let job, _):
                copies += 1
                send(.deal(worker: worker, job..<job + 1), to: worker)
            case .stop(let worker, _), .revoke(let worker, _):
                send(command, to: worker)
            case .proceed:
                proceeds += 1
                end = now
                dealtAtProceed = dispatcher.dealt + dispatcher.waiting
            }
        }
    }

    private mutating func carryOut(_ happening: Happening) {
        switch happening {
        case .died(let worker):
            workers[worker].isDead = true
            workers[worker].running = nil
            // The news may come before a message that the worker sent last, or after it.
            agenda.add(.lost(worker: worker), at: now + delay())
        case .lost(let worker):
            lose(worker)
        case .command(_, let worker) where workers[worker].isDead:
            break
        case .reportDue(let worker) where workers[worker].isDead:
            break
        case .event(let event, let retries):
            if let worker = event.worker {
                if workers[worker].isLost { return }
                if case .completed(_, let jobs, _) = event {
                    workers[worker].recorded.removeFirst(jobs)
                }
            }
            if proceeds > 0 { eventsAfterProceed += 1 }
            learn(event)
            dispatcher.handle(event)
            for job in retries where !dispatcher.isStopping {
                dispatcher.handle(.postponed(jobs: 1))
                let worker = event.worker ?? 0
                agenda.add(.retryDue(job: job, from: worker), at: now + retryDelay)
            }
        case .retryDue(let job, let worker):
            if !dispatcher.isStopping {
                dispatcher.handle(.retried(job: job, avoiding: worker))
            }
        case .command(.deal(_, let jobs), let worker): add(jobs, to: worker)
        case .command(.recall, let worker):
            let jobs = workers[worker].frames.reduce(0) { $0 + $1.count }
            workers[worker].frames = []
            tell(.returned(worker: worker, jobs: jobs), from: worker)
        case .command(.stop(_, let mode), let worker): stop(worker, mode)
        case .command(.revoke(_, let job), let worker): revoke(job, worker)
        case .command(.proceed, _), .command(.copy, _): break
        case .look: look()
        case .ended(let worker, let job):
            if workers[worker].running == job { end(worker) }
        case .reportDue(let worker):
            workers[worker].isReportDue = false
            report(worker)
        case .generate: generate()
        case .policyDue: break
        }
    }

    private mutating func look() {
        guard let patience, proceeds == 0 else { return }
        if dispatcher.hasSpareWorker {
            let long = workers.indices.filter {
                workers[$0].running != nil && now - workers[$0].startTime > patience
                    && dispatcher.soleJob(of: $0) != nil
            }
            if let worker = long.min(by: { workers[$0].startTime < workers[$1].startTime }) {
                dispatcher.handle(.straggles(worker: worker))
            }
        }
        agenda.add(.look, at: now + patience / 4)
    }

    private mutating func revoke(_ job: Int, _ worker: Int) {
        if workers[worker].running == job {
            workers[worker].running = nil
        } else if workers[worker].frames.first == job..<job + 1 {
            workers[worker].frames.removeFirst()
        } else {
            return
        }
        givenUp += 1
        tell(.revoked(worker: worker), from: worker)
        if workers[worker].running == nil { _ = start(worker) }
        report(worker)
    }

    private mutating func generate() {
        if dispatcher.wantsJobs {
            let count = min(drib, times.count - generated)
            dispatcher.handle(.generated(generated..<generated + count))
            generated += count
            if generated == times.count { return dispatcher.handle(.exhausted) }
        }
        if dispatcher.silentWorkers.isEmpty, proceeds == 0 {
            agenda.add(.generate, at: now + 1e-3)
        }
    }

    private mutating func delay() -> Double {
        latency * Double.random(in: 0...2, using: &random)
    }

    private mutating func send(_ command: Dispatcher.Command, to worker: Int) {
        workers[worker].toWorker = max(workers[worker].toWorker, now + delay())
        agenda.add(.command(command, worker: worker), at: workers[worker].toWorker)
    }

    private mutating func tell(
        _ event: Dispatcher.Event,
        retries: [Int] = [],
        from worker: Int
    ) {
        workers[worker].toRoot = max(workers[worker].toRoot, now + delay())
        agenda.add(.event(event, retries: retries), at: workers[worker].toRoot)
    }

    private mutating func add(_ jobs: Range<Int>, to worker: Int) {
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
        lastStart = now
        let time = times[job] * (slowness[worker] ?? 1)
        agenda.add(.ended(worker: worker, job: job), at: now + time)
        return first.count == 1
    }

    private mutating func end(_ worker: Int) {
        guard let job = workers[worker].running else { return }
        attempts[job, default: []].append(worker)
        if fails?(job, worker, attempts[job]?.count ?? 0) == true {
            workers[worker].retries.append(job)
        } else {
            ran[job, default: 0] += 1
        }
        workers[worker].unreported += 1
        workers[worker].recorded.append(job)
        workers[worker].seconds += now - workers[worker].startTime
        if start(worker) {
            report(worker)
        } else if !workers[worker].isReportDue {
            workers[worker].isReportDue = true
            agenda.add(.reportDue(worker: worker), at: now + 1e-3)
        }
    }

    private mutating func report(_ worker: Int) {
        let state = workers[worker]
        if state.unreported > 0 {
            workers[worker].unreported = 0
            workers[worker].seconds = 0
            workers[worker].retries = []
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

    private mutating func stop(_ worker: Int, _ mode: StopMode) {
        workers[worker].isStopping = true
        workers[worker].frames = []
        if mode == .abort, workers[worker].running != nil {
            cancelled += 1
            return end(worker)
        }
        report(worker)
    }
}

extension Dispatcher.Event {
    /// The worker whose message it is.
    fileprivate var worker: Int? {
        switch self {
        case .completed(let worker, _, _), .returned(let worker, _), .stopped(let worker),
            .revoked(let worker):
            worker
        case .generated, .exhausted, .assigned, .stop, .lost, .suspended, .resumed, .repeated,
            .postponed, .retried, .straggles:
            nil
        }
    }
}

/// What will happen, by time; what was added first of what happens at once.
private struct Agenda {
    private var heap: [(time: Double, number: Int, happening: DispatchSimulation.Happening)] = []
    private var number = 0

    mutating func add(_ happening: DispatchSimulation.Happening, at time: Double) {
        number += 1
        heap.append((time, number, happening))
        var place = heap.count - 1
        while place > 0, isBefore(place, (place - 1) / 2) {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func next() -> (time: Double, happening: DispatchSimulation.Happening)? {
        guard !heap.isEmpty else { return nil }
        heap.swapAt(0, heap.count - 1)
        let first = heap.removeLast()
        var place = 0
        while 2 * place + 1 < heap.count {
            var child = 2 * place + 1
            if child + 1 < heap.count, isBefore(child + 1, child) { child += 1 }
            guard isBefore(child, place) else { break }
            heap.swapAt(child, place)
            place = child
        }
        return (first.time, first.happening)
    }

    private func isBefore(_ one: Int, _ other: Int) -> Bool {
        (heap[one].time, heap[one].number) < (heap[other].time, heap[other].number)
    }
}
