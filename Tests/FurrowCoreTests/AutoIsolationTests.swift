import FurrowRuns
import FurrowScheduling
import FurrowSystem
import MPI
import Testing

@testable import FurrowCore

/// A queue that runs a job when the test lets it.
@MPIActor
private final class HandQueue: WorkerJobs {
    private(set) var ran: [Int] = []
    private var waiting: [JobFrames] = []
    private var report = Report()
    private var isAsked = false
    private(set) var isHeld = false
    private var isStopping = false
    /// A job that runs, and can still run when the others are returned.
    private var running: Int?

    nonisolated init() {}

    func add(_ jobs: JobFrames) {
        if !isStopping, !jobs.isEmpty { waiting.append(jobs) }
    }
    func resume() {}
    func recall() { isAsked = true }

    /// A process answers when it comes to it.
    var answersRecall = true
    /// What the next report tells of, besides jobs.
    var problem: WorkerProblem?
    var crashes = 0

    func takeReturned() -> [JobFrames]? {
        guard isAsked, answersRecall else { return nil }
        isAsked = false
        defer { waiting = [] }
        return waiting
    }

    func hold() { isHeld = true }

    func obey(_ action: StopPolicy.Action) {
        isStopping = true
        waiting = []
    }

    var isRunning: Bool { running != nil || !waiting.isEmpty }

    /// Starts the next job.
    func start() {
        guard running == nil, !isHeld, !waiting.isEmpty else { return }
        running = waiting[0].popFirst()?.index
        if waiting[0].isEmpty { waiting.removeFirst() }
    }

    /// Ends the running one.
    func end(after time: Duration, failing: Bool = false) {
        guard let running else { return }
        ran.append(running)
        self.running = nil
        if failing { report.counts.failed += 1 } else { report.counts.succeeded += 1 }
        totals.add(report.counts)
        report.elapsed += time
    }

    func takeReport(always: Bool) -> Report? {
        report.problem = problem
        report.crashes = crashes
        problem = nil
        crashes = 0
        guard report.jobs > 0 || report.problem != nil || report.crashes > 0 else { return nil }
        defer { report = Report() }
        return report
    }

    private(set) var totals = StageFailure.Counts()
    func takeResults() -> [[UInt8]] { [ran.map { UInt8(truncatingIfNeeded: $0) }] }
    func close() async -> RankProblem? { nil }
}

/// Jobs that move from a process to their rank when they are found to be tiny.
@MPIActor
@Suite struct AutoIsolationTests {
    private let process = HandQueue()
    private let own = HandQueue()

    private func frames(_ jobs: Range<Int>) -> JobFrames {
        var frames = JobFrames(first: jobs.lowerBound)
        for job in jobs { frames.append([UInt8(truncatingIfNeeded: job)]) }
        return frames
    }

    private func queue() -> AutoIsolationQueue { AutoIsolationQueue(process) { own } }

    /// Runs jobs one after the other, and takes a report behind each.
    private func run(
        _ count: Int,
        on queue: AutoIsolationQueue,
        each time: Duration,
        failing: Int? = nil
    ) {
        for turn in 0..<count {
            for place in [process, own] {
                place.start()
                place.end(after: time, failing: turn == failing)
            }
            _ = queue.takeReport(always: true)
        }
    }

    @Test func tinyJobsGoOnInTheirRank() {
        let queue = queue()
        queue.add(frames(0..<150))
        run(200, on: queue, each: .microseconds(99))
        #expect(process.ran == Array(0..<100))
        #expect(own.ran == Array(100..<150))
        #expect(!queue.isRunning)
        #expect(queue.totals.succeeded == process.totals.succeeded + own.totals.succeeded)
        #expect(queue.takeResults().count == 2)
    }

    @Test(arguments: [(100, nil), (1, 0), (1, 99)] as [(Int, Int?)])
    func othersStay(microseconds: Int, failing: Int?) {
        let queue = queue()
        queue.add(frames(0..<250))
        run(250, on: queue, each: .microseconds(microseconds), failing: failing)
        #expect(process.ran == Array(0..<250))
        #expect(own.ran.isEmpty)
    }

    @Test func aCrashThatWasRetriedHereKeepsThemThere() {
        let queue = queue()
        queue.add(frames(0..<250))
        process.crashes = 1
        run(250, on: queue, each: .microseconds(1))
        #expect(process.ran == Array(0..<250))
    }

    /// The process knows what becomes of the jobs behind one that failed: whether it is suspected.
    @Test(arguments: [false, true]) func aProblemOnTheWayEndsTheMove(isRecalled: Bool) {
        let queue = queue()
        queue.add(frames(0..<200))
        run(99, on: queue, each: .microseconds(1))
        process.start()
        process.end(after: .microseconds(1))
        process.start()
        process.answersRecall = false
        _ = queue.takeReport(always: true)
        queue.add(frames(200..<210))
        if isRecalled { queue.recall() }
        process.problem = WorkerProblem(host: "here", message: "broken")
        process.answersRecall = true
        _ = queue.takeReport(always: true)
        #expect(own.ran.isEmpty)
        if isRecalled {
            _ = queue.takeReport(always: true)
            let jobs = queue.takeReturned()?.flatMap { Array($0.jobs) }
            #expect(jobs == Array(101..<210))
        }
        run(200, on: queue, each: .microseconds(1))
        #expect(process.ran == Array(0..<(isRecalled ? 101 : 210)))
        #expect(own.ran.isEmpty && !queue.isRunning)
    }

    /// Rank 0 asks for jobs back, holds them, sends more or stops the stage just before they move and
    /// meanwhile: each runs once, is returned once, or is dropped because the stage was stopped.
    @Test func whateverHappensMeanwhile() {
        var moves = 0
        for seed in 0..<2000 { if rounds(seed) { moves += 1 } }
        #expect(moves > 800, "only \(moves) moved")
    }

    /// - Returns: whether jobs have moved.
    private func rounds(_ seed: Int) -> Bool {
        let (process, own) = (HandQueue(), HandQueue())
        var random = SeededRandom(seed: UInt64(seed))
        let queue = AutoIsolationQueue(process) { own }
        var dealt = Int.random(in: 90..<100, using: &random)
        queue.add(frames(0..<dealt))
        for _ in 0..<dealt {
            process.start()
            process.end(after: .microseconds(5))
        }
        var returned: [Int] = []
        var isAwaited = false
        var hasStopped = false
        var hasHeld = false
        let stopsAt = Int.random(in: 0..<150, using: &random)
        let holdsAt = Int.random(in: 0..<150, using: &random)
        let failsAt = Int.random(in: 0..<150, using: &random)
        func take() {
            _ = queue.takeReport(always: true)
            guard let jobs = queue.takeReturned() else { return }
            #expect(isAwaited, "seed \(seed)")
            isAwaited = false
            returned += jobs.flatMap { Array($0.jobs) }
        }
        for step in 0..<60 {
            if !hasStopped, Bool.random(using: &random) {
                let count = Int.random(in: 1...8, using: &random)
                queue.add(frames(dealt..<dealt + count))
                dealt += count
            }
            if !isAwaited, !hasStopped, Int.random(in: 0..<12, using: &random) == 0 {
                isAwaited = true
                queue.recall()
            }
            if step == stopsAt {
                hasStopped = true
                queue.obey(.finish)
            }
            if step == holdsAt {
                hasHeld = true
                queue.hold()
            }
            if step == failsAt {
                process.problem = WorkerProblem(host: "here", message: "broken")
            }
            process.answersRecall = Int.random(in: 0..<4, using: &random) == 0
            for place in [process, own] {
                if Bool.random(using: &random) { place.start() }
                if Bool.random(using: &random) { place.end(after: .microseconds(5)) }
            }
            if Bool.random(using: &random) { take() }
        }
        process.answersRecall = true
        for _ in 0..<600 {
            for place in [process, own] {
                place.start()
                place.end(after: .microseconds(5))
            }
            take()
        }
        #expect(!isAwaited, "seed \(seed)")
        let ended = process.ran + own.ran + returned
        #expect(Set(ended).count == ended.count, "seed \(seed): twice: \(ended)")
        if hasHeld { #expect(process.isHeld) }
        if !hasStopped, !hasHeld {
            #expect(ended.sorted() == Array(0..<dealt), "seed \(seed)")
        }
        if hasStopped { #expect(!queue.isRunning, "seed \(seed)") }
        return !own.ran.isEmpty
    }
}
