import FurrowRuns
import FurrowSystem
import Testing

@testable import FurrowCore

@Suite struct RetriesTests {
    private func retry(_ index: Int, attempt: Int = 1) -> Retry {
        var bytes: [UInt8] = []
        let identity = JobIdentity(stage: "s", canonical: [1, 2])
        JobTicket(number: 5, identity: identity, attempt: attempt).append(to: &bytes)
        let failure = JobFailure(
            index: 5,
            parameters: "",
            taskID: 0,
            rank: 1,
            host: "h",
            device: nil,
            attempt: attempt,
            state: .failed,
            message: "no"
        )
        return Retry(index, (bytes + [7, 8])[...], isJournaled: true, after: failure)
    }

    @Test(arguments: [1, 2, 700])
    func theNextAttemptTravelsWithTheJob(attempt: Int) throws {
        var frames = retry(3, attempt: attempt).frames
        let job = frames.popFirst()
        let (index, bytes) = try #require(job)
        var rest = bytes
        let ticket = JobTicket(takingFrom: &rest, isJournaled: true)
        #expect(index == 3 && ticket.number == 5 && ticket.attempt == attempt + 1)
        #expect(ticket.identity == JobIdentity(stage: "s", canonical: [1, 2]))
        #expect(Array(rest) == [7, 8])
        #expect(frames.isEmpty)
    }

    @Test func eachComesWhenItsDelayHasPassed() {
        let start = MonotonicTime.now
        var retries = Retries()
        retries.add(retry(1), from: 0, due: start + .seconds(2))
        retries.add(retry(2), from: 1, due: start + .seconds(1))
        retries.add(retry(3), from: 2, due: start + .seconds(1))
        let early = retries.next(at: start)
        #expect(early == nil)
        #expect(!retries.areRunning)
        let first = retries.next(at: start + .seconds(1))
        #expect(first?.frames.first == 2 && first?.worker == 1)
        let second = retries.next(at: start + .seconds(1))
        #expect(second?.frames.first == 3)
        let third = retries.next(at: start + .seconds(1))
        #expect(third == nil)
        #expect(retries.areRunning)
        retries.end([2, 9])
        let (failures, dealt) = retries.giveUp()
        #expect(failures.count == 2 && dealt == 1)
        let late = retries.next(at: start + .seconds(9))
        #expect(!retries.areRunning && late == nil)
    }
}
