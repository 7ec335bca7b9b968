import FurrowRuns
import TestSupport
import Testing

@testable import FurrowViews

@Suite struct RunFactsTests {
    private let run: MadeUpRun

    init() throws { run = try MadeUpRun() }

    private func facts() throws -> RunFacts {
        let (reader, stages) = try run.reader()
        return try RunFacts(reader, stages.map { (stage: $0.0, plan: $0.1) })
    }

    @Test func idleTimeHasItsCauses() throws {
        try run.write()
        try run.write([
            .init(job: 1, worker: 0, start: 101, seconds: 4),
            .init(job: 2, worker: 0, start: 106, seconds: 2, state: .failed),
            .init(job: 3, worker: 1, start: 103, seconds: 15),
        ])
        let facts = try facts()
        #expect(facts.state == "succeeded" && facts.wallSeconds == 20)
        let time = WorkerTime(of: facts)
        #expect(time.total == 40 && time.used == 21 && time.failed == 2)
        #expect(time.start == 1 + 3 && time.between == 1 && time.tail == 10)
        #expect(time.end == 2 * 2)
        #expect(time.start + time.between + time.tail + time.end == time.idle)
    }

    @Test func aWorkerWithoutAJobIsIdle() throws {
        try run.write()
        try run.write([.init(job: 1, worker: 0, start: 105, seconds: 5)])
        let time = WorkerTime(of: try facts())
        #expect(time.total == 40 && time.used == 5)
        #expect(time.start == 5 + 5 && time.tail == 5 && time.end == 20)
    }

    @Test func everyAttemptIsThere() throws {
        try run.write()
        try run.write([
            .init(job: 1, start: 101, seconds: 1, state: .failed),
            .init(job: 1, start: 103, seconds: 1, attempt: 2),
        ])
        let attempts = try facts().attempts
        #expect(attempts.map(\.attempt) == [1, 2])
        #expect(attempts.map(\.state) == [.failed, .succeeded])
    }

    /// The days between two starts are no part of a run's time.
    @Test func theTimeBetweenTwoStartsIsLeftOut() throws {
        try run.write(starts: [10, 1000, 5000], end: 5010)
        try run.write([
            .init(job: 1, start: 1001, seconds: 4), .init(job: 2, start: 5002, seconds: 4),
        ])
        let facts = try facts()
        // The first start is a submission: no job ran.
        #expect(facts.sessions.map(\.start) == [1000, 5000])
        #expect(facts.sessions.map(\.seconds) == [5, 10] && facts.wallSeconds == 15)
        #expect(facts.position(of: 5002, in: 1) == 7)
        // Only one worker is known of the first start.
        #expect(facts.sessions.map(\.workers) == [1, 2])
    }

    @Test func aRunThatNobodyRunsWasKilled() throws {
        try run.write(state: .running)
        try run.write([.init(job: 1, start: 101, seconds: 1)])
        let facts = try facts()
        #expect(facts.state == "killed" && facts.wallSeconds == 2)
    }

    @Test func aLostRecordIsNotMissed() throws {
        try run.write([.init(job: 1, start: 101, seconds: 1)])
        let facts = try facts()
        #expect(facts.record == nil && facts.sessions.map(\.start) == [101])
        #expect(facts.attempts.count == 1)
    }

    @Test func loadIsSpreadOverItsSteps() throws {
        try run.write()
        try run.write([
            .init(job: 1, worker: 0, start: 101, seconds: 4),
            .init(job: 2, worker: 1, start: 100, seconds: 10, state: .failed),
        ])
        let load = Utilisation(of: try facts(), steps: 10)
        #expect(load.step == 2)
        #expect(
            load.running.map { ($0 * 1000).rounded() / 1000 } == [1.5, 2, 1.5, 1, 1, 0, 0, 0, 0, 0]
        )
        #expect(load.succeeded == [0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
        #expect(load.failed == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0])
    }
}
