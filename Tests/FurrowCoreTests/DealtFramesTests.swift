import Testing

@testable import FurrowCore

@Suite struct DealtFramesTests {
    private func frames(_ jobs: Range<Int>) -> JobFrames {
        var frames = JobFrames(first: jobs.lowerBound)
        for job in jobs { frames.append([UInt8(job)]) }
        return frames
    }

    private func jobs(_ pieces: [JobFrames]) -> [Range<Int>] { pieces.map(\.jobs) }

    @Test func whatHasNeitherEndedNorComeBackIsTaken() {
        var dealt = DealtFrames(workers: 2)
        dealt.deal(frames(0..<5), to: 0)
        dealt.deal(frames(10..<14), to: 1)
        dealt.deal(frames(5..<8), to: 0)
        dealt.complete(2, of: 0)
        dealt.giveBack(1, from: 0)
        #expect(jobs(dealt.take(from: 0).held) == [2..<5, 5..<7])
        #expect(dealt.take(from: 0).held.isEmpty)
        #expect(jobs(dealt.take(from: 1).held) == [10..<14])
    }

    @Test func reportsGoAcrossBatches() {
        var dealt = DealtFrames(workers: 1)
        for start in [0, 3, 6] { dealt.deal(frames(start..<start + 3), to: 0) }
        dealt.complete(4, of: 0)
        dealt.giveBack(4, from: 0)
        var left = dealt.take(from: 0).held
        #expect(jobs(left) == [4..<5])
        #expect(left[0].popFirst()?.bytes == [4])
    }

    @Test func aWorkerThatEndedAllHoldsNothing() {
        var dealt = DealtFrames(workers: 1)
        dealt.deal(frames(0..<3), to: 0)
        dealt.complete(1, of: 0)
        dealt.complete(2, of: 0)
        #expect(dealt.take(from: 0).held.isEmpty)
    }

    @Test func whatHasEndedIsKeptOnRequest() {
        var dealt = DealtFrames(workers: 2, keepsEnded: true)
        for start in [0, 3, 6] { dealt.deal(frames(start..<start + 3), to: 0) }
        dealt.complete(4, of: 0)
        dealt.giveBack(1, from: 0)
        dealt.complete(1, of: 0)
        let (held, ended) = dealt.take(from: 0)
        #expect(jobs(held) == [5..<6, 6..<8])
        #expect(ended.flatMap(\.jobs) == Array(0..<5))
        #expect(dealt.take(from: 0).ended.isEmpty)
    }

    /// Jobs that a worker has given back may end elsewhere.
    @Test func whatWasGivenBackHasNotEndedThere() {
        var dealt = DealtFrames(workers: 1, keepsEnded: true)
        dealt.deal(frames(0..<6), to: 0)
        dealt.giveBack(4, from: 0)
        dealt.complete(2, of: 0)
        #expect(dealt.take(from: 0).ended.flatMap(\.jobs) == [0, 1])
    }
}
