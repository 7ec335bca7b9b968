import FurrowRuns
import FurrowScheduling
import FurrowSystem
import MPI
import Synchronization
import Testing

@testable import FurrowCore

private struct Number: Job {
    var value: Int
    func run(_ context: JobContext) -> Int { value }
}

/// Jobs from 0 on, and what became of making them.
private struct Numbers: JobGenerator {
    enum End { case complete, failure, cancellation, inputError }
    struct Broken: Error {}

    final class Record: Sendable {
        private let count = Atomic(0)
        private let wasCancelled = Atomic(false)

        var made: Int { count.load(ordering: .sequentiallyConsistent) }
        var isToldToStop: Bool { wasCancelled.load(ordering: .sequentiallyConsistent) }

        func add() { count.add(1, ordering: .sequentiallyConsistent) }
        func stop() { wasCancelled.store(true, ordering: .sequentiallyConsistent) }
    }

    var count: Int
    var end = End.complete
    var record = Record()

    func generate(
        from arguments: Void,
        after previous: Void,
        yield: (Number) async throws -> Void
    ) async throws {
        for value in 0..<count {
            do {
                try await yield(Number(value: value))
            } catch let error as CancellationError {
                record.stop()
                throw error
            }
            record.add()
        }
        switch end {
        case .complete: break
        case .failure: throw Broken()
        case .cancellation: throw CancellationError()
        case .inputError: throw InputError("no data")
        }
    }
}

/// A job of a mebibyte.
private struct Large: Job {
    var bytes = [UInt8](repeating: 1, count: 1 << 20)
    func run(_ context: JobContext) -> Int { bytes.count }
}

private struct Larges: JobGenerator {
    let record = Numbers.Record()

    func generate(
        from arguments: Void,
        after previous: Void,
        yield: (Large) async throws -> Void
    ) async throws {
        for _ in 0..<20 {
            try await yield(Large())
            record.add()
        }
    }
}

/// Makes one job, and ends when it is told to.
private struct Pausing: JobGenerator {
    let record = Numbers.Record()

    func generate(
        from arguments: Void,
        after previous: Void,
        yield: (Number) async throws -> Void
    ) async throws {
        try await yield(Number(value: 0))
        record.add()
        while !record.isToldToStop { try await Task.sleep(for: .milliseconds(1)) }
    }
}

@Suite(.timeLimit(.minutes(10)))
struct JobFeedTests {
    private let wakeup = Mailbox<Never>()

    /// Takes everything until the end. Unlike the thread that deals this must not block while there
    /// is nothing: it shares its threads with the generator.
    private func drain(
        _ feed: JobFeed
    ) async throws -> (jobs: [Int], largest: Int, end: JobFeed.End) {
        var values: [Int] = []
        var largest = 0
        while true {
            var (frames, end) = feed.take()
            largest = max(largest, frames.count)
            while let (index, frame) = frames.popFirst() {
                var bytes = frame
                let ticket = JobTicket(takingFrom: &bytes, isJournaled: false)
                if ticket != JobTicket(number: index) { Issue.record("job \(index) has \(ticket)") }
                let job = try? bytes.withUnsafeBytes { try Number.coding.makeDecoder()($0) }
                if index != values.count || job == nil { Issue.record("job \(index) is wrong") }
                values.append(job?.value ?? -1)
            }
            if let end { return (values, largest, end) }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    private func failure(_ end: JobFeed.End) -> (cause: StageFailure.Cause, message: String)? {
        if case .failed(let cause, let message) = end { (cause, message) } else { nil }
    }

    /// Waits for something that another task does. The suite's time limit ends a wait in vain.
    private let ledger = StageLedger(stage: StageIdentity(unique: "numbers"), index: nil)

    private func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test func allJobsArriveInOrderAndNeverTooManyAtOnce() async throws {
        let feed = JobFeed(waking: wakeup, isBounded: true)
        let count = 5 * JobFeed.mostJobs + 3
        let generation = feed.run(Numbers(count: count), from: (), after: (), into: ledger)
        let (jobs, largest, end) = try await drain(feed)
        await generation.value
        #expect(jobs == Array(0..<count))
        #expect(largest <= JobFeed.mostJobs)
        #expect(failure(end) == nil)
    }

    @Test func aGeneratorThatIsAheadWaitsAndIsToldToStop() async throws {
        let feed = JobFeed(waking: wakeup, isBounded: true)
        let generator = Numbers(count: 4 * JobFeed.mostJobs)
        let generation = feed.run(generator, from: (), after: (), into: ledger)
        // It has made the last that there is room for, and is held there.
        try await until { generator.record.made >= JobFeed.mostJobs - 1 }
        try await Task.sleep(for: .milliseconds(50))
        feed.cancel()
        await generation.value
        #expect(generator.record.made == JobFeed.mostJobs)
        #expect(generator.record.isToldToStop)
        let (frames, end) = feed.take()
        #expect(frames.jobs == 0..<JobFeed.mostJobs)
        #expect(end.map { failure($0) == nil } == true)
    }

    @Test func largeJobsAreBoundedByTheirBytes() async throws {
        let feed = JobFeed(waking: wakeup, isBounded: true)
        let generator = Larges()
        let generation = feed.run(generator, from: (), after: (), into: ledger)
        // What a job's bytes say of themselves makes eight of them a little more than eight MiB.
        try await until { generator.record.made >= 7 }
        try await Task.sleep(for: .milliseconds(50))
        feed.cancel()
        await generation.value
        #expect(generator.record.made == 8)
        #expect(feed.take().0.count == 8)
    }

    @Test func withoutABoundNobodyHasToTake() async throws {
        let feed = JobFeed(waking: wakeup, isBounded: false)
        let count = 2 * JobFeed.mostJobs
        await feed.run(Numbers(count: count), from: (), after: (), into: ledger).value
        #expect(feed.take().0.jobs == 0..<count)
        #expect(feed.take().0.isEmpty)
    }

    @Test func aGeneratorIsToldOfAnEarlierCancellation() async {
        let feed = JobFeed(waking: wakeup, isBounded: true)
        feed.cancel()
        let generator = Numbers(count: 5)
        await feed.run(generator, from: (), after: (), into: ledger).value
        #expect(generator.record.isToldToStop)
        #expect(generator.record.made == 0)
        #expect(feed.take().0.isEmpty)
    }

    @Test func aFailingGeneratorIsHeardAfterItsJobs() async throws {
        let feed = JobFeed(waking: wakeup, isBounded: true)
        let generation = feed.run(
            Numbers(count: 3, end: .failure),
            from: (),
            after: (),
            into: ledger
        )
        let (jobs, _, end) = try await drain(feed)
        await generation.value
        #expect(jobs == [0, 1, 2])
        #expect(failure(end)?.cause == .generator)
        #expect(failure(end)?.message == "Broken()")
    }

    @Test func anErrorOfTheInputKeepsItsCause() async throws {
        let feed = JobFeed(waking: wakeup, isBounded: true)
        let generation = feed.run(
            Numbers(count: 0, end: .inputError),
            from: (),
            after: (),
            into: ledger
        )
        let end = try await drain(feed).end
        await generation.value
        #expect(failure(end)?.cause == .input)
        #expect(failure(end)?.message == "no data")
    }

    @Test func aCancellationThatNobodyAskedForIsAFailure() async throws {
        // Else a stage would succeed with some of its jobs never made.
        let feed = JobFeed(waking: wakeup, isBounded: true)
        let generation = feed.run(
            Numbers(count: 2, end: .cancellation),
            from: (),
            after: (),
            into: ledger
        )
        let (jobs, _, end) = try await drain(feed)
        await generation.value
        #expect(jobs == [0, 1])
        #expect(failure(end)?.cause == .generator)
    }

    @Test func theFirstJobAndTheEndWakeWhoeverDeals() async throws {
        let feed = JobFeed(waking: wakeup, isBounded: true)
        // Without a wake-up each of these waits would last for all its time.
        let start = ContinuousClock.now
        let generator = Pausing()
        let generation = feed.run(generator, from: (), after: (), into: ledger)
        try await until { generator.record.made == 1 }
        _ = wakeup.take(waitingUpTo: .seconds(240))
        #expect(feed.take().0.count == 1)
        generator.record.stop()
        await generation.value
        _ = wakeup.take(waitingUpTo: .seconds(240))
        #expect(feed.take().1 != nil)
        #expect(start.duration(to: .now) < .seconds(240))
    }

    /// A schedule that deals all jobs at once waits for them, asleep, unless the stage is stopped.
    @Test func allJobsAreMadeUnlessTheStageIsStopped() async throws {
        func fill(_ feed: JobFeed, _ policy: StopPolicy) -> (isFull: Bool, policy: StopPolicy) {
            var policy = policy
            return (feed.fill(until: &policy), policy)
        }
        let endless = StopPolicy(grace: .zero, runsJobs: false)
        let whole = JobFeed(waking: wakeup, isBounded: false)
        _ = whole.run(Numbers(count: 3), from: (), after: (), into: ledger)
        #expect(fill(whole, endless).isFull)
        #expect(whole.take().0.count == 3)
        // Rank 0's loop, which asks later, must hear of the end, too.
        #expect(whole.take().1 != nil && whole.take().1 != nil)

        let broken = JobFeed(waking: wakeup, isBounded: false)
        _ = broken.run(Numbers(count: 3, end: .failure), from: (), after: (), into: ledger)
        #expect(!fill(broken, endless).isFull)
        #expect(broken.take().1.flatMap { failure($0) } != nil)

        let late = JobFeed(waking: wakeup, isBounded: false)
        let record = Numbers.Record()
        _ = late.run(Numbers(count: .max, record: record), from: (), after: (), into: ledger)
        let limit = StopPolicy(
            grace: .zero,
            lastMoment: .now + .milliseconds(100),
            runsJobs: false
        )
        let end = fill(late, limit)
        #expect(!end.isFull)
        #expect(end.policy.interruption == .timeLimit)
        late.cancel()
        try await until { record.isToldToStop }
    }
}
