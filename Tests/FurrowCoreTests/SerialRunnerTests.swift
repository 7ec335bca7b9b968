import FurrowRuns
import FurrowScheduling
import FurrowSystem
import Synchronization
import Testing

@testable import FurrowCore

/// What the jobs of one test did. A serial runner runs all in the task of its caller.
private final class Log: Sendable {
    @TaskLocal static var current: Log?
    private let entries = Mutex<[String]>([])
    var all: [String] { entries.withLock { $0 } }
    static func add(_ entry: String) { current?.entries.withLock { $0.append(entry) } }
}

private struct Odd: Error, CustomStringConvertible {
    var value: Int
    var description: String { "\(value) is odd" }
}

/// Fails on odd values.
private struct Halve: Job {
    typealias Collected = Int
    var value: Int

    func run(_ context: JobContext) throws -> Int {
        Log.add("run \(context.index)")
        #expect(context.taskID == nil && context.attempt == 1)
        guard value % 2 == 0 else { throw Odd(value: value) }
        return value / 2
    }

    static func collect(_ results: [Int]) throws -> Int {
        Log.add("collect \(results)")
        if results == [13] { throw Odd(value: 13) }
        return results.reduce(0, +)
    }

    static func save(_ collected: Int, in directory: RunDirectory) throws {
        Log.add("save \(collected)")
        if collected == 17 { throw InputError("17 cannot be kept") }
    }
}

private struct Values: JobGenerator {
    enum Manner { case plain, failing, deaf, rude }
    var manner = Manner.plain
    var countError = false

    func count(from values: [Int], after previous: Void) throws -> Int? {
        if countError { throw InputError("no values") }
        return values.count
    }

    func generate(
        from values: [Int],
        after previous: Void,
        yield: (Halve) async throws -> Void
    ) async throws {
        for value in values {
            switch manner {
            case .plain, .failing: try await yield(Halve(value: value))
            case .deaf: try? await yield(Halve(value: value))
            case .rude:
                do { try await yield(Halve(value: value)) } catch { throw InputError("\(error)") }
            }
        }
        if manner == .failing { throw Odd(value: -1) }
    }
}

/// Adds what it was started with to what the stage before collected.
private struct Shift: JobGenerator {
    struct Add: Job {
        var left: Int
        var right: Int
        func run(_ context: JobContext) -> Int { left + right }
    }

    func generate(
        from values: [Int],
        after sum: Int,
        yield: (Add) async throws -> Void
    ) async throws {
        for value in values { try await yield(Add(left: sum, right: value)) }
    }
}

@Suite struct SerialRunnerTests {
    private func run(
        _ values: [Int],
        _ policy: FailurePolicy = .abort,
        _ generator: Values = Values()
    ) async -> (sum: Int?, failure: StageFailure?, log: [String]) {
        var options = RunOptions()
        options.onFailure = policy
        let runner = SerialRunner(generator, options: options)
        let log = Log()
        return await Log.$current.withValue(log) {
            do {
                return (try await runner.run(values), nil, log.all)
            } catch {
                let failure = (error as? SerialExecutionError)?.failure
                if failure == nil { Issue.record("another error: \(error)") }
                return (nil, failure, log.all)
            }
        }
    }

    @Test func allJobsSucceed() async {
        let end = await run([2, 4, 6])
        #expect(end.sum == 6)
        #expect(end.log == ["run 0", "run 1", "run 2", "collect [1, 2, 3]", "save 6"])
    }

    @Test func noJobsAreCollectedToo() async {
        let end = await run([])
        #expect(end.sum == 0)
        #expect(end.log == ["collect []", "save 0"])
    }

    @Test(arguments: [FailurePolicy.abort, .finish])
    func aFailedJobEndsTheStage(policy: FailurePolicy) async {
        let end = await run([2, 3, 4, 5, 6], policy)
        #expect(end.failure?.cause == .jobs)
        #expect(end.failure?.counts.succeeded == 1)
        #expect(end.failure?.counts.failed == 1)
        #expect(end.failure?.counts.notRun == 3)
        #expect(end.failure?.failures.map(\.index) == [1])
        #expect(end.failure?.failures.first?.message == "3 is odd")
        #expect(end.failure?.failures.first?.parameters == #"{"value":3}"#)
        // What succeeded is collected and saved all the same.
        #expect(end.log == ["run 0", "run 1", "collect [1]", "save 1"])
    }

    @Test func everyJobGetsItsChance() async {
        let end = await run([2, 3, 4, 5, 6], .continue)
        #expect(end.failure?.counts.succeeded == 3)
        #expect(end.failure?.counts.failed == 2)
        #expect(end.failure?.counts.notRun == 0)
        #expect(end.failure?.failures.map(\.index) == [1, 3])
        #expect(end.log.suffix(2) == ["collect [1, 2, 3]", "save 6"])
    }

    @Test(arguments: FailurePolicy.allCases)
    func nothingIsCollectedWhereNothingSucceeded(policy: FailurePolicy) async {
        let end = await run([1, 3], policy)
        #expect(end.failure?.cause == .jobs)
        #expect(end.failure?.message == "")
        #expect(end.log == (policy == .continue ? ["run 0", "run 1"] : ["run 0"]))
    }

    @Test(arguments: [Values.Manner.deaf, .rude])
    private func aGeneratorThatDoesNotHeedTheStopRunsNoMoreJobs(manner: Values.Manner) async {
        let end = await run([2, 3, 4, 6], .abort, Values(manner: manner))
        #expect(end.failure?.cause == .jobs)
        #expect(end.failure?.counts.notRun == 2)
        #expect(end.log == ["run 0", "run 1", "collect [1]", "save 1"])
    }

    @Test func detailsAreKeptOfTheFirstHundred() async {
        let end = await run([Int](repeating: 1, count: 150), .continue)
        #expect(end.failure?.counts.failed == 150)
        #expect(end.failure?.failures.map(\.index) == Array(0..<StageFailure.detailLimit))
    }

    @Test func aFailingGeneratorFailsTheStageAfterItsJobs() async {
        let end = await run([2, 4], .abort, Values(manner: .failing))
        #expect(end.failure?.cause == .generator)
        #expect(end.failure?.message == "-1 is odd")
        #expect(end.failure?.counts.succeeded == 2)
        #expect(end.log == ["run 0", "run 1", "collect [1, 2]", "save 3"])
    }

    @Test func aFailingCountRunsNothing() async {
        let end = await run([2, 4], .abort, Values(countError: true))
        #expect(end.failure?.cause == .input)
        #expect(end.failure?.message == "no values")
        #expect(end.log.isEmpty)
    }

    @Test func aFailingCollectIsNotSaved() async {
        let end = await run([26])
        #expect(end.failure?.cause == .collect)
        #expect(end.failure?.message == "13 is odd")
        #expect(end.log == ["run 0", "collect [13]"])
    }

    @Test func aFailingSaveFailsTheStage() async {
        let end = await run([34])
        #expect(end.failure?.cause == .input)
        #expect(end.failure?.message == "17 cannot be kept")
        #expect(end.log.last == "save 17")
    }

    @Test func whatFailsAfterAFailedJobIsSaidWithIt() async {
        let end = await run([26, 1])
        #expect(end.failure?.cause == .jobs)
        #expect(end.failure?.message == "then collect failed: 13 is odd")
    }

    @Test func aRankWithoutArgumentsDoesNothing() async throws {
        #expect(try await SerialRunner(Values()).run(nil) == nil)
    }

    @Test func aStageSeesWhatTheOneBeforeCollected() async throws {
        let pipeline = Pipeline(SerialRunner(Values())).then(SerialRunner(Shift()))
        #expect(pipeline.stages == ["halve", "add"])
        #expect(try await pipeline.run([2, 4]) == [5, 7])
        // State is fresh at each run.
        #expect(try await pipeline.run([8]) == [12])
    }

    @Test func aFailedStageStopsThePipeline() async {
        let pipeline = Pipeline(SerialRunner(Values())).then(SerialRunner(Shift()))
        let error = await #expect(throws: SerialExecutionError.self) {
            try await pipeline.run([2, 3])
        }
        #expect(error?.failure.stage == "halve")
    }
}
