import FurrowRuns
import FurrowScheduling
import FurrowSystem
import Glibc
import Synchronization
import Testing

@testable import FurrowCore

/// What the jobs of one test did.
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
    enum Manner { case plain, failing, breaking, deaf, rude }
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
            case .breaking:
                try await yield(Halve(value: value))
                throw Odd(value: -1)
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

    @Test func jobsThatAGeneratorDidNotComeToAreNotRun() async {
        let end = await run([2, 4, 6], .abort, Values(manner: .breaking))
        #expect(end.failure?.cause == .generator)
        #expect(end.failure?.counts.succeeded == 1)
        #expect(end.failure?.counts.notRun == 2)
    }
}

/// Waits, whatever anybody says, until its test lets it go on.
private struct Deaf: Job {
    private static let released = Mutex<Set<Int>>([])

    static func release(_ test: Int) { released.withLock { _ = $0.insert(test) } }
    static func isReleased(_ test: Int) -> Bool { released.withLock { $0.contains(test) } }

    var test: Int
    var turn: Int

    func run(_ context: JobContext) async throws -> Int {
        Log.add("run \(turn)")
        while turn == 1, !Self.isReleased(test) { usleep(1000) }
        Log.add("end \(turn)")
        return turn
    }

    static func save(_ turns: [Int], in directory: RunDirectory) { Log.add("save \(turns)") }
}

/// Makes one job after the other, or is late with the second.
private struct Turns: JobGenerator {
    enum Manner { case prompt, late, deaf }
    var manner = Manner.prompt
    var test: Int

    func count(from turns: Int, after previous: Void) -> Int? { turns }

    func generate(
        from turns: Int,
        after previous: Void,
        yield: (Deaf) async throws -> Void
    ) async throws {
        for turn in 0..<turns {
            if turn == 1 {
                switch manner {
                case .prompt: break
                case .late: try await Task.sleep(for: .seconds(3600))
                case .deaf:
                    while !Deaf.isReleased(test) { usleep(1000) }
                }
            }
            try await yield(Deaf(test: test, turn: turn))
        }
    }
}

/// What does not heed its cancellation holds up no stage.
@Suite(.timeLimit(.minutes(1)))
struct SerialAbandonmentTests {
    /// A stage whose time is over two seconds after it began.
    private func run(_ generator: Turns) async -> (failure: StageFailure?, log: Log) {
        var options = RunOptions()
        options.grace = .milliseconds(50)
        options.deadline = .now + options.grace + .seconds(2) + .seconds(2)
        let log = Log()
        let failure = await Log.$current.withValue(log) { () -> StageFailure? in
            do {
                _ = try await SerialRunner(generator, options: options).run(4)
                return nil
            } catch {
                return (error as? SerialExecutionError)?.failure
            }
        }
        return (failure, log)
    }

    @Test func aDeafJobIsAbandoned() async throws {
        let (failure, log) = await run(Turns(test: 1))
        #expect(failure?.cause == .interrupted)
        #expect(failure?.message.hasPrefix("before its time limit") == true)
        #expect(failure?.counts.succeeded == 1)
        #expect(failure?.counts.abandoned == 1)
        #expect(failure?.counts.notRun == 2)
        #expect(
            failure?.failures.map(\.message) == [
                "had not ended 0.05 seconds after it was cancelled"
            ]
        )
        // What succeeded is saved.
        #expect(log.all == ["run 0", "end 0", "run 1", "save [0]"])
        // What it does when nobody waits for it any more changes nothing, and begins no job.
        Deaf.release(1)
        while log.all.last != "end 1" { try await Task.sleep(for: .milliseconds(1)) }
        #expect(!log.all.contains("run 2"))
    }

    @Test func aGeneratorThatSleepsIsWokenAndNotToBlame() async throws {
        let (failure, log) = await run(Turns(manner: .late, test: 2))
        #expect(failure?.cause == .interrupted)
        #expect(failure?.counts.succeeded == 1 && failure?.counts.notRun == 3)
        #expect(log.all == ["run 0", "end 0", "save [0]"])
    }

    @Test func aDeafGeneratorIsAbandoned() async throws {
        let (failure, log) = await run(Turns(manner: .deaf, test: 3))
        #expect(failure?.cause == .interrupted)
        #expect(failure?.counts.abandoned == 0)
        #expect(failure?.counts.succeeded == 1 && failure?.counts.notRun == 3)
        Deaf.release(3)
        #expect(log.all == ["run 0", "end 0", "save [0]"])
    }
}
