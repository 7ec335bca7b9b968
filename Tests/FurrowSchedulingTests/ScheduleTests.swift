import Testing

@testable import FurrowScheduling

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

    @Test func spacesAndChunksAreRead() {
        #expect(Schedule(" static , 7 ") == .static(chunk: 7))
        #expect(Schedule("dynamic") == .dynamic(chunk: nil))
        #expect(Schedule("Dynamic") == nil)
        #expect(Schedule("dynamic,99999999999999999999") == nil)
        #expect(Schedule.static(chunk: 1).isStatic && !Schedule.dynamic(chunk: 1).isStatic)
    }

    @Test(arguments: [1, 2, 7, 50], [nil, 1, 3, 64, 1000, .max])
    func blocksHaveEveryJobOnce(workers: Int, chunk: Int?) {
        for jobs in [0, 1, 6, 49, 50, 51, 640] {
            let blocks = Schedule.blocks(jobs: jobs, workers: workers, chunk: chunk)
            #expect(blocks.count == workers)
            #expect(blocks.joined().flatMap(Array.init).sorted() == Array(0..<jobs))
            #expect(blocks.joined().allSatisfy { !$0.isEmpty && $0.count <= chunk ?? jobs })
            let sizes = blocks.map { $0.reduce(0) { $0 + $1.count } }
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= chunk ?? 1)
        }
    }
}
