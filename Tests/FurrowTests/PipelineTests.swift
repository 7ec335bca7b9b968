import Testing

@testable import Furrow

private struct Part: Job {
    var value: Int
    func run(_ context: JobContext) -> Int { value * 10 }
}

@Suite struct PipelineTests {
    @Test func aCollectionOfJobsIsAGenerator() async throws {
        let results = try await SerialRunner(Jobs((1...3).map { Part(value: $0) })).run(())
        #expect(results == [10, 20, 30])
        let runner = SerialRunner(
            Jobs<Part, Int, Void> { count, _ in
                (0..<count).lazy.map { Part(value: $0) }
            }
        )
        #expect(try await runner.run(2) == [0, 10])
    }

    @Test func aGeneratorMayFailAsItMakesItsSequence() async throws {
        let runner = SerialRunner(
            Jobs<Part, Void, Void> { _, _ throws -> [Part] in throw InputError("no parts") }
        )
        await #expect(throws: SerialExecutionError.self) { try await runner.run(()) }
    }

    @Test func aFunctionIsMappedInOrder() async throws {
        let results = try await SerialRunner.map(["a", "bb", ""]) { $0.count }
        #expect(results == [1, 2, 0])
        let none = try await SerialRunner.map([Int]()) { $0 }
        #expect(none == [])
        await #expect(throws: SerialExecutionError.self) {
            try await SerialRunner.map(0..<3) { value -> Int in
                if value == 1 { throw InputError("one") }
                return value
            }
        }
    }

    @Test func laterStagesSeeWhatTheyNeed() async throws {
        func parts(_ values: [Int]) -> SerialRunner<Jobs<Part, Void, Void>> {
            SerialRunner(Jobs(values.map { Part(value: $0) }))
        }
        let both = Pipeline(parts([1])).then(parts([2])).keeping(parts([3, 4]))
        let pair = try #require(try await both.run(()))
        #expect(pair == ([20], [30, 40]))
        let sums = both.then(
            SerialRunner(
                Jobs { (_: Void, pair: ([Int], [Int])) in
                    (pair.0 + pair.1).map { Part(value: $0) }
                }
            )
        ).map { $0.reduce(0, +) }
        #expect(try await sums.run(()) == 900)
        #expect(sums.stages == ["part", "part", "part", "part"])
        var known: [Bool] = []
        for plan in sums.plans { known.append(try await plan(()) { _ in }) }
        #expect(known == [true, true, true, false])
    }
}
