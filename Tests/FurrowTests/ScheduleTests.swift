import Testing

@testable import Furrow

@Suite struct ScheduleTests {
    @Test(arguments: ["static", "static,7", "dynamic", "dynamic,1"])
    func whatIsReadIsPrintedTheSame(text: String) {
        #expect(Schedule(text)?.description == text)
    }

    @Test(arguments: ["", "guided", "static,", "static,0", "dynamic,-1", "dynamic,x", "static,1,2"])
    func anythingElseIsRefused(text: String) {
        #expect(Schedule(text) == nil)
    }

    @Test func blocksDifferByOneJobAtMost() {
        #expect(Schedule.blocks(jobs: 8, workers: 3, chunk: nil) == [[0..<3], [3..<6], [6..<8]])
        #expect(Schedule.blocks(jobs: 1, workers: 3, chunk: nil) == [[0..<1], [], []])
    }

    @Test func chunksGoRoundRobin() {
        #expect(
            Schedule.blocks(jobs: 7, workers: 2, chunk: 2) == [[0..<2, 4..<6], [2..<4, 6..<7]]
        )
    }
}
