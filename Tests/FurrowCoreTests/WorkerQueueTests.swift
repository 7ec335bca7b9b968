import FurrowRuns
import FurrowScheduling
import Glibc
import MPI
import Synchronization
import Testing

@testable import FurrowCore

/// Tells a test of jobs, and jobs of a test, as the jobs of one test share no object.
private enum Signals {
    private static let given = Mutex<Set<String>>([])

    static func give(_ name: String) { given.withLock { _ = $0.insert(name) } }
    static func isGiven(_ name: String) -> Bool { given.withLock { $0.contains(name) } }

    /// Waits until another gives a signal. The suite's time limit ends a wait in vain.
    static func wait(for name: String) async {
        // Not a sleep that a cancellation would end.
        while !isGiven(name) {
            usleep(1000)
            await Task.yield()
        }
    }
}

private struct Held: Job {
    enum Manner: String, Codable { case plain, failing, heedful, deaf }

    struct Broken: Error {}

    var test: String
    var turn: Int
    var manner: Manner

    private func name(_ what: String) -> String { "\(test) \(turn) \(what)" }

    func run(_ context: JobContext) async throws -> Int {
        Signals.give(name("began"))
        defer { Signals.give(name("ended")) }
        switch manner {
        case .plain: break
        case .failing: throw Broken()
        case .heedful: try await Task.sleep(for: .seconds(3600))
        case .deaf: await Signals.wait(for: name("go on"))
        }
        return turn
    }
}

@Suite(.timeLimit(.minutes(1)))
struct WorkerQueueTests {
    private let wakeup = Mailbox<Never>()
    private let screen = Screen()
    private let queue: WorkerQueue<Held>

    init() {
        var options = RunOptions()
        options.grace = .seconds(7)
        let executor = JobExecutor(
            stage: StageIdentity(unique: "held"),
            taskID: 4,
            rank: 5,
            host: "here",
            device: nil,
            options: options
        )
        queue = WorkerQueue(executor: executor, screen: screen, waking: wakeup)
    }

    private func frames(_ test: String, _ manners: [Held.Manner], from first: Int = 0) throws
        -> JobFrames
    {
        var frames = JobFrames(first: first)
        for (place, manner) in manners.enumerated() {
            var bytes: [UInt8] = []
            JobTicket(number: first + place).append(to: &bytes)
            let job = Held(test: test, turn: first + place, manner: manner)
            try Held.coding.makeEncoder()(job, &bytes)
            frames.append(bytes)
        }
        return frames
    }

    private func untilIdle() async throws {
        while queue.isRunning { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test func jobsRunOneAfterTheOther() async throws {
        queue.add(try frames("order", [.plain, .failing, .plain]))
        queue.add(try frames("order", [.plain], from: 3))
        try await untilIdle()
        let report = try #require(queue.takeReport(always: false))
        #expect(report.counts.succeeded == 3 && report.counts.failed == 1)
        #expect(report.failures.map(\.index) == [1])
        #expect(report.failures.first?.taskID == 4)
        #expect(queue.takeReport(always: true) == nil, "nothing is told of twice")
        #expect(queue.totals.succeeded == 3)
        #expect(queue.takeResults().isEmpty == false)
        #expect(queue.takeResults().isEmpty)
    }

    @Test func whatHasNotBegunIsGivenBack() async throws {
        queue.add(try frames("revoke", [.deaf, .plain, .plain]))
        await Signals.wait(for: "revoke 0 began")
        #expect(queue.revoke().map(\.jobs) == [1..<3])
        Signals.give("revoke 0 go on")
        try await untilIdle()
        #expect(queue.totals.succeeded == 1)
    }

    /// What rank 0 decides of them comes later, or, if it is gone, never.
    @Test func whatIsHeldWaits() async throws {
        queue.add(try frames("hold", [.deaf, .plain]))
        await Signals.wait(for: "hold 0 began")
        queue.hold()
        Signals.give("hold 0 go on")
        try await untilIdle()
        queue.add(try frames("hold", [.plain], from: 2))
        #expect(!queue.isRunning && queue.totals.succeeded == 1)
        #expect(!Signals.isGiven("hold 1 began") && !Signals.isGiven("hold 2 began"))
        #expect(queue.revoke().map(\.jobs) == [1..<2, 2..<3])
    }

    @Test func aFinishLetsTheRunningJobEnd() async throws {
        queue.add(try frames("finish", [.deaf, .plain]))
        await Signals.wait(for: "finish 0 began")
        queue.obey(.finish)
        queue.add(try frames("finish", [.plain], from: 2))
        #expect(queue.isRunning)
        Signals.give("finish 0 go on")
        try await untilIdle()
        #expect(queue.totals.succeeded == 1 && queue.totals.unsuccessful == 0)
        #expect(!Signals.isGiven("finish 1 began") && !Signals.isGiven("finish 2 began"))
    }

    @Test func aCancelledJobIsReportedAsSuch() async throws {
        queue.add(try frames("cancel", [.heedful, .plain]))
        await Signals.wait(for: "cancel 0 began")
        queue.obey(.cancel)
        try await untilIdle()
        let report = try #require(queue.takeReport(always: false))
        #expect(report.counts.cancelled == 1 && report.jobs == 1)
        #expect(report.failures.map(\.state) == [.cancelled])
    }

    @Test func aDeafJobIsAbandonedAndWhatItReturnsIgnored() async throws {
        queue.add(try frames("abandon", [.deaf, .plain]))
        await Signals.wait(for: "abandon 0 began")
        queue.obey(.cancel)
        #expect(queue.isRunning)
        queue.obey(.abandon)
        #expect(!queue.isRunning)
        let report = try #require(queue.takeReport(always: false))
        #expect(report.counts.abandoned == 1 && report.jobs == 1)
        #expect(report.failures.map(\.state) == [.abandoned])
        #expect(
            report.failures.first?.message == "had not ended 7.0 seconds after it was cancelled"
        )
        Signals.give("abandon 0 go on")
        await Signals.wait(for: "abandon 0 ended")
        queue.obey(.abandon)
        #expect(queue.takeReport(always: true) == nil)
        #expect(queue.totals.abandoned == 1 && queue.totals.succeeded == 0)
        #expect(queue.takeResults().isEmpty)
    }

    @Test func thereIsNothingToAbandonWhereNothingRuns() throws {
        queue.obey(.cancel)
        queue.obey(.abandon)
        queue.add(try frames("nothing", [.plain]))
        #expect(!queue.isRunning)
        #expect(queue.takeReport(always: true) == nil)
    }

    @Test func whatAJobShowsIsReportedWhileItRuns() async throws {
        queue.add(try frames("show", [.deaf]))
        await Signals.wait(for: "show 0 began")
        screen.append(Array("halfway\n".utf8))
        let report = try #require(queue.takeReport(always: false))
        #expect(report.shown == Array("halfway\n".utf8))
        #expect(report.jobs == 0 && report.current == 0)
        Signals.give("show 0 go on")
        try await untilIdle()
    }
}
