import FurrowRuns
import FurrowSystem
import Testing

@testable import FurrowCore

/// Jobs of such sizes, each filled with its number.
private func frames(first: Int, sizes: [Int]) -> JobFrames {
    var frames = JobFrames(first: first)
    for (place, size) in sizes.enumerated() {
        frames.append([UInt8](repeating: UInt8((first + place) % 256), count: size))
    }
    return frames
}

private func contents(_ frames: JobFrames) -> [Int: [UInt8]] {
    var rest = frames
    var contents: [Int: [UInt8]] = [:]
    while let (index, bytes) = rest.popFirst() { contents[index] = Array(bytes) }
    return contents
}

@Suite struct JobFramesTests {
    @Test func jobsComeOutInOrder() {
        var frames = frames(first: 5, sizes: [2, 0, 300])
        #expect(frames.jobs == 5..<8)
        #expect(frames.size == 3 * 8 + 302)
        let first = frames.popFirst()
        #expect(first?.index == 5)
        #expect(first.map { Array($0.bytes) } == [5, 5])
        #expect(frames.jobs == 6..<8)
        #expect(frames.size == 2 * 8 + 300)
        #expect(frames.popFirst()?.bytes.isEmpty == true)
        #expect(frames.popFirst()?.bytes == ArraySlice([UInt8](repeating: 7, count: 300)))
        #expect(frames.popFirst() == nil)
        #expect(frames.isEmpty && frames.first == 8 && frames.size == 0)
    }

    @Test func aMessageIsReadAsItWasWritten() {
        var frames = frames(first: 1000, sizes: [1, 0, 9, 5000])
        _ = frames.popFirst()
        let read = JobFrames(message: frames.message)
        #expect(read.jobs == 1001..<1004)
        #expect(read.size == frames.size)
        #expect(contents(read) == contents(frames))
    }

    @Test func joinedMessagesAreReadOneByOne() {
        let sent = [
            frames(first: 0, sizes: [3, 1]), JobFrames(first: 2), frames(first: 9, sizes: [0]),
            frames(first: 20, sizes: [4, 4]),
        ]
        let joined = sent.flatMap(\.message)
        var start = 0
        for expected in sent {
            let read = JobFrames(reading: joined, at: &start)
            #expect(read.jobs == expected.jobs)
            #expect(contents(read) == contents(expected))
        }
        #expect(start == joined.count)
    }

    @Test(arguments: [0, 1, 2, 3, 4, 10])
    func aLimitSplitsThem(limit: Int) {
        var rest = frames(first: 10, sizes: [7, 1, 0, 2, 5])
        let all = contents(rest)
        _ = rest.popFirst()
        let taken = rest.popFirst(limit)
        let count = min(limit, 4)
        #expect(taken.jobs == 11..<11 + count)
        #expect(rest.jobs == 11 + count..<15)
        let both = contents(taken).merging(contents(rest)) { _, _ in [] }
        #expect(both.count == 4)
        #expect(both == all.filter { $0.key > 10 })
        // What was split off still stands on its own.
        #expect(contents(JobFrames(message: taken.message)) == contents(taken))
        #expect(contents(JobFrames(message: rest.message)) == contents(rest))
    }

    @Test func aStoreGivesWhatWasPutIn() {
        var store = FrameStore()
        store.insert(JobFrames(first: 0))
        store.insert(frames(first: 0, sizes: [1, 2, 3, 4]))
        store.insert(frames(first: 4, sizes: [5, 6]))
        #expect(contents(store.take(4..<5)) == [4: [UInt8](repeating: 4, count: 5)])
        #expect(store.take(0..<3).jobs == 0..<3)
        // Given back, and dealt again in other pieces.
        store.insert(frames(first: 1, sizes: [2, 3]))
        #expect(contents(store.take(1..<2)) == [1: [1, 1]])
        #expect(contents(store.take(2..<3)) == [2: [2, 2, 2]])
        #expect(contents(store.take(3..<4)) == [3: [3, 3, 3, 3]])
        #expect(store.take(5..<6).jobs == 5..<6)
    }
}

@Suite struct ResultStoreTests {
    private func encoded(_ value: some Encodable) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try WireEncoder().encode(value, into: &bytes)
        return bytes
    }

    @Test func resultsOfAllWorkersComeInJobOrder() throws {
        var random = SeededRandom(seed: 3)
        var stores = [ResultStore](repeating: ResultStore(), count: 4)
        for job in (0..<1000).shuffled(using: &random) {
            let worker = Int.random(in: 0..<3, using: &random)
            var result = try encoded("job \(job)")
            stores[worker].append(job, &result)
        }
        let blocks = stores.map { Array($0.pieces.joined())[...] }
        #expect(blocks[3].isEmpty)
        let results = ResultStore.decode(WireCoding<String>.codable, from: blocks, with: []).outputs
        #expect(results == (0..<1000).map { "job \($0)" })
    }

    @Test func resultsOfOneLengthTravelWithoutIt() throws {
        let coding = WireCoding<Double>.bitwise
        var random = SeededRandom(seed: 5)
        var stores = [ResultStore](repeating: ResultStore(areAlike: true), count: 3)
        // In runs of some length, as batches are dealt, with a hole in some of them.
        var job = 0
        var expected: [Double] = []
        while job < 10_000 {
            let worker = Int.random(in: 0..<3, using: &random)
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                if job % 97 != 0 {
                    var result: [UInt8] = []
                    try coding.makeEncoder()(Double(job) / 3, &result)
                    stores[worker].append(job, &result)
                    expected.append(Double(job) / 3)
                }
                job += 1
            }
        }
        let blocks = stores.map { Array($0.pieces.joined())[...] }
        #expect(blocks.reduce(0) { $0 + $1.count } < 10 * expected.count)
        #expect(ResultStore.decode(coding, from: blocks, with: []).outputs == expected)
        let kept = [(number: 97, 0.5), (number: 0, -1), (number: 20_000, 9)]
        let all = ResultStore.decode(coding, from: blocks, with: kept).outputs
        #expect(all.count == expected.count + 3)
        #expect([all[0], all[1], all[97], all[98]] == [-1, 1.0 / 3, 0.5, 98.0 / 3])
        #expect(all.last == 9)
    }

    @Test func largeResultsStandBetweenSmallOnes() throws {
        let sizes = [10, 3 << 20, 2 << 20, 0, 1 << 20, (1 << 20) + 1, 5]
        let values = sizes.map { String(repeating: "x", count: $0) }
        var store = ResultStore()
        for (job, value) in values.enumerated() {
            var result = try encoded(value)
            store.append(job, &result)
        }
        let results = ResultStore.decode(
            WireCoding<String>.codable,
            from: [Array(store.pieces.joined())[...]],
            with: []
        ).outputs
        #expect(results.map(\.utf8.count) == sizes)
        #expect(results == values)
    }

    @Test func aResultThatCannotBeDecodedIsLostAlone() throws {
        var store = ResultStore()
        for job in 0..<5 {
            var result: [UInt8] = job == 3 ? [1] : try encoded(Double(job))
            store.append(job, &result)
        }
        let block = Array(store.pieces.joined())[...]
        for kept in [[], [(number: 7, 0.5)]] {
            let (outputs, lost) = ResultStore.decode(
                WireCoding<Double>.codable,
                from: [[], block],
                with: kept
            )
            #expect(outputs == [0, 1, 2, 4] + kept.map(\.1))
            #expect(lost.map(\.number) == [3])
            let failure = try #require(lost.map { JobFailure($0) }.first)
            #expect("\(failure)".hasPrefix("job 4 failed (rank 1, task 0): its result cannot be"))
        }
    }

    @Test func aReportIsReadAsItWasWritten() throws {
        var report = Report()
        report.counts.succeeded = 100_000
        report.counts.failed = 2
        report.counts.cancelled = 3
        report.counts.abandoned = 4
        report.elapsed = .nanoseconds(300_000_017)
        #expect(report.jobs == 100_009)
        #expect(try Report(message: try report.message()) == report)
        let executor = JobExecutor(
            stage: StageIdentity(unique: "s"),
            taskID: 1,
            rank: 2,
            host: "höst",
            device: nil
        )
        report.failures = [
            executor.failure(of: Point?.none, 7, .abandoned, ""),
            executor.failure(of: Point(x: .nan), 8, .failed, "Zeile\n\"zwei\" 🦆"),
        ]
        #expect(report.failures[1].parameters == #"{"x":"nan"}"#)
        #expect(try Report(message: try report.message()) == report)
        #expect(try Report(message: try Report().message()) == Report())
        report.current = 12
        report.shown = [0xFF, 0x0A]
        report.fault = RankProblem(.journal, "disk full")
        #expect(try Report(message: try report.message()) == report)
    }

    private struct Point: Job {
        var x: Double
        func run(_ context: JobContext) -> Double { x }
    }
}
