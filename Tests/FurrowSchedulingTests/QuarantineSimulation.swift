import FurrowSystem

@testable import FurrowScheduling

/// A dispatcher, a quarantine and workers, some of which fail every job. Messages arrive at once and
/// in order; which worker goes on next is drawn by lot.
struct QuarantineSimulation {
    static let limit = 3

    let jobs: Int
    /// On these all jobs fail.
    let bad: Set<Int>
    private(set) var removed: Set<Int> = []
    private(set) var hasEnded = false
    /// Jobs that failed in the end, though they can succeed.
    private(set) var lost = 0
    /// How many failures counted because a job of the same streak was to blame.
    private(set) var forgiven = 0
    /// Jobs with an end that counts.
    var ended: Int { ends.count }

    private struct Worker {
        var queue: [Int] = []
        var streak: [Int] = []
        var most = QuarantineSimulation.limit
        var isSuspended = false
    }

    private var workers: [Worker]
    private var dispatcher: Dispatcher
    private var quarantine: Quarantine
    private var random: SeededRandom
    /// They fail everywhere.
    private let hopeless: Set<Int>
    private var ends: [Int: Bool] = [:]

    init(
        workers: Int,
        jobs: Int,
        bad: Set<Int>,
        spoiled: Double,
        schedule: Schedule,
        seed: UInt64
    ) {
        var random = SeededRandom(seed: seed &+ 1)
        hopeless = Set(
            (0..<jobs).filter { _ in Double.random(in: 0..<1, using: &random) < spoiled }
        )
        self.random = random
        self.jobs = jobs
        self.bad = bad
        self.workers = Array(repeating: Worker(), count: workers)
        dispatcher = Dispatcher(workers: workers, schedule: schedule)
        quarantine = Quarantine(workers: workers)
        if case .static(let chunk) = schedule {
            let blocks = Schedule.blocks(jobs: jobs, workers: workers, chunk: chunk)
            for (worker, ranges) in blocks.enumerated() {
                for range in ranges {
                    dispatcher.handle(.assigned(worker: worker, range))
                    self.workers[worker].queue += range
                }
            }
        } else {
            dispatcher.handle(.generated(0..<jobs))
        }
        dispatcher.handle(.exhausted)
    }

    mutating func run() {
        for _ in 0..<20 * jobs + 100 where !hasEnded {
            while let command = dispatcher.nextCommand() { obey(command) }
            let busy = workers.indices.filter {
                !workers[$0].isSuspended && !workers[$0].queue.isEmpty
            }
            if let worker = busy.randomElement(using: &random) { work(worker) }
        }
        lost = ends.count { !$0.value && !hopeless.contains($0.key) }
    }

    private mutating func obey(_ command: Dispatcher.Command) {
        switch command {
        case .deal(let worker, let range): workers[worker].queue += range
        case .recall(let worker):
            // It runs the first of them, unless it is suspended.
            let kept = workers[worker].isSuspended ? 0 : 1
            let count = max(0, workers[worker].queue.count - kept)
            workers[worker].queue.removeLast(count)
            dispatcher.handle(.returned(worker: worker, jobs: count))
        case .stop, .copy, .revoke: break
        case .proceed: hasEnded = true
        }
    }

    private mutating func work(_ worker: Int) {
        let job = workers[worker].queue.removeFirst()
        let isGood = !bad.contains(worker) && !hopeless.contains(job)
        ends[job] = isGood
        if isGood {
            workers[worker].streak = []
        } else {
            workers[worker].streak.append(job)
        }
        let ended = Array(dispatcher.held(by: worker).joined().prefix(1))
        dispatcher.handle(.completed(worker: worker, jobs: 1, seconds: 1))
        let verdicts = quarantine.heed(
            ended,
            on: worker,
            succeeded: isGood ? 1 : 0,
            failed: isGood ? 0 : 1
        )
        for verdict in verdicts {
            switch verdict {
            case .goesOn(let other):
                dispatcher.handle(.resumed(worker: other))
                forgive(other)
            case .takenOut(let other): removed.insert(other)
            }
        }
        guard workers[worker].streak.count >= workers[worker].most else { return }
        let last = workers[worker].streak.suffix(Self.limit)
        guard quarantine.suspect(worker, of: last) else { return forgive(worker) }
        workers[worker].isSuspended = true
        dispatcher.handle(.suspended(worker: worker))
        for job in last.reversed() {
            dispatcher.handle(.repeated(job..<job + 1))
            ends[job] = nil
        }
    }

    private mutating func forgive(_ worker: Int) {
        workers[worker].isSuspended = false
        forgiven += workers[worker].most
        workers[worker].most *= 2
        forgiven += workers[worker].most
        workers[worker].streak = []
    }
}
