import Testing

@testable import FurrowCore

@Suite struct HeldJobsTests {
    private func frames(_ jobs: Range<Int>) -> JobFrames {
        var frames = JobFrames(first: jobs.lowerBound)
        for job in jobs { frames.append([UInt8(job)]) }
        return frames
    }

    private func held(_ batches: Range<Int>...) -> HeldJobs {
        var held = HeldJobs()
        for batch in batches { held.append(frames(batch)) }
        return held
    }

    /// The jobs in the order in which they run, batch by batch.
    private func jobs(_ held: HeldJobs) -> [Range<Int>] {
        held.messages.map { JobFrames(message: $0).jobs }
    }

    @Test func jobsEndInTheOrderInWhichTheyWereDealt() {
        var held = held(0..<2, 5..<6, 8..<10)
        held.popFirst()
        #expect(jobs(held) == [1..<2, 5..<6, 8..<10])
        held.popFirst()
        held.popFirst()
        #expect(jobs(held) == [8..<10])
        for _ in 0..<3 { held.popFirst() }
        #expect(held.isEmpty)
    }

    @Test func aJobThatBeginsAgainIsTheFirst() {
        var held = held(4..<6)
        held.prepend(frames(3..<4))
        #expect(held.first?.jobs == 3..<4)
        #expect(jobs(held) == [3..<4, 4..<6])
    }

    @Test func returnedJobsAreWholeBatchesOrTheRestOfOne() {
        var held = held(0..<5, 5..<8, 8..<12)
        held.popFirst()
        held.remove([frames(3..<5), frames(5..<8)])
        #expect(jobs(held) == [1..<3, 8..<12])
    }

    @Test func allAreTakenButOneThatWaitsForItsNextAttempt() {
        var all = held(0..<3, 5..<6)
        #expect(all.takeAll(keepsFirst: false).map(\.jobs) == [0..<3, 5..<6])
        #expect(all.isEmpty)
        var others = held(0..<3, 5..<6)
        #expect(others.takeAll(keepsFirst: true).map(\.jobs) == [1..<3, 5..<6])
        #expect(jobs(others) == [0..<1])
        #expect(others.takeAll(keepsFirst: true).isEmpty)
        #expect(jobs(others) == [0..<1])
    }

    @Test func emptyBatchesAreNotKept() {
        var held = held(3..<3)
        held.prepend(frames(4..<4))
        #expect(held.isEmpty)
        #expect(held.first == nil)
    }
}
