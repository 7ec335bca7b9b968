import ArgumentParser
import Furrow
import Glibc
import MPI

/// Every way out of a stage, in every place of a pipeline: a line a rank for each.
struct Ends: FurrowProgram, CollectiveCommand {
    static let configuration = CommandConfiguration(commandName: "ends")

    enum RunnerKind: String, ExpressibleByArgument, CaseIterable { case serial, parallel }
    enum Place: String, ExpressibleByArgument, CaseIterable { case alone, first, middle, last }

    @Option(parsing: .upToNextOption) var runner = RunnerKind.allCases
    @Option(parsing: .upToNextOption) var place = Place.allCases
    @Option(parsing: .upToNextOption) var way = Way.allCases.filter { !$0.endsItsProcess }
    @Option var schedule = Schedule.dynamic(chunk: nil)

    func run() async throws {
        let world = try await MPISession.start()
        for runner in runner {
            for place in place {
                for way in way {
                    let end = try await end(of: runner, place, way)
                    FileOutput.write("rank \(world.rank): \(runner) \(place) \(way): \(end)\n")
                }
            }
        }
    }

    private func end(
        of kind: RunnerKind,
        _ place: Place,
        _ way: Way
    ) async throws -> String {
        do {
            let outputs = try await Self.pipeline(kind, place, way, schedule).run(6)
            return outputs.map { "returned \($0.map(\.turn))" } ?? "returned nothing"
        } catch let error as ParallelExecutionError {
            return Self.describe(error.failure)
        } catch let error as SerialExecutionError {
            return Self.describe(error.failure)
        }
    }

    private static func describe(_ failure: StageFailure) -> String {
        "threw \(failure.cause) in \(failure.stage), hash=\(checksum("\(failure)")), "
            + "succeeded=\(failure.counts.succeeded), abandoned=\(failure.counts.abandoned), "
            + "not-run=\(failure.counts.notRun)."
    }

    private static func pipeline(
        _ kind: RunnerKind,
        _ place: Place,
        _ way: Way,
        _ schedule: Schedule
    ) -> Pipeline<Int, [Turn.Output]> {
        var tested = RunOptions()
        tested.schedule = schedule
        tested.grace = .milliseconds(200)
        tested.onFailure = way.policy
        tested.stage = "tested"
        if way.hasTimeLimit {
            // What is kept for the end, and some jobs' time; where the second is to have begun, time
            // for that on a busy machine.
            tested.deadline =
                .now + tested.grace + .seconds(2) + .milliseconds(way == .timeLimit ? 300 : 2000)
        }
        var other = RunOptions()
        other.stage = "before"
        let before = Turns(way: .none)
        switch place {
        case .alone: return start(kind, Turns(way: way), tested)
        case .first: return end(.parallel, start(kind, Turns(way: way), tested), Turns(way: .none))
        case .middle:
            let middle = end(kind, start(.serial, before, other), Turns(way: way), tested)
            return end(.parallel, middle, Turns(way: .none))
        case .last: return end(kind, start(.parallel, before, other), Turns(way: way), tested)
        }
    }

    private static func start(
        _ kind: RunnerKind,
        _ turns: Turns,
        _ options: RunOptions
    ) -> Pipeline<Int, [Turn.Output]> {
        switch kind {
        case .serial: Pipeline(SerialRunner(FirstTurns(turns: turns), options: options))
        case .parallel: Pipeline(ParallelRunner(FirstTurns(turns: turns), options: options))
        }
    }

    private static func end(
        _ kind: RunnerKind,
        _ pipeline: Pipeline<Int, [Turn.Output]>,
        _ turns: Turns,
        _ options: RunOptions = RunOptions()
    ) -> Pipeline<Int, [Turn.Output]> {
        switch kind {
        case .serial: pipeline.then(SerialRunner(turns, options: options))
        case .parallel: pipeline.then(ParallelRunner(turns, options: options))
        }
    }
}

/// How a stage ends.
enum Way: String, Codable, ExpressibleByArgument, CaseIterable {
    case none, abort, finish, `continue`, signal, timeLimit, generator, collect, save
    /// A job keeps its thread for itself for ever.
    case deafToSignal, deafToTimeLimit
    /// A generator makes jobs for ever.
    case endlessToSignal, endlessToTimeLimit

    /// After a signal a process runs no more stages, and a deaf job takes a thread from those after it.
    var endsItsProcess: Bool {
        switch self {
        case .signal, .deafToSignal, .deafToTimeLimit, .endlessToSignal, .endlessToTimeLimit: true
        default: false
        }
    }

    var hasTimeLimit: Bool {
        self == .timeLimit || self == .deafToTimeLimit || self == .endlessToTimeLimit
    }

    var policy: FailurePolicy { FailurePolicy(rawValue: rawValue) ?? .abort }
}

struct Turn: Job {
    struct Output: Codable, Sendable {
        var turn: Int
        var way: Way
    }

    struct Broken: Error, CustomStringConvertible { let description: String }

    var turn: Int
    var way: Way

    func run(_ context: JobContext) async throws -> Output {
        switch way {
        case .abort, .finish, .continue:
            if turn == 1 { throw Broken(description: "turn 1 broke") }
        case .signal:
            if turn == 1 { kill(getpid(), SIGUSR1) }
            try await Task.sleep(for: .milliseconds(100))
        case .timeLimit:
            try await Task.sleep(for: .milliseconds(250))
        case .deafToSignal, .deafToTimeLimit:
            guard turn == 1 else { break }
            if way == .deafToSignal { kill(getpid(), SIGUSR1) }
            while time(nil) > 0 {}
        case .endlessToSignal, .endlessToTimeLimit:
            try await Task.sleep(for: .milliseconds(1))
        case .none, .generator, .collect, .save:
            break
        }
        return Output(turn: turn, way: way)
    }

    static func collect(_ results: [Output]) throws -> [Output] {
        if results.first?.way == .collect { throw Broken(description: "collect broke") }
        return results
    }

    static func save(_ collected: [Output], in directory: RunDirectory) throws {
        if collected.first?.way == .save { throw Broken(description: "save broke") }
        // In one short line: mpirun mixes the parts of a long one with those of other ranks.
        FileOutput.write("saved \(collected.prefix(9).map(\.turn))\n")
    }
}

struct Turns: JobGenerator {
    var way: Way

    func generate(
        from arguments: Int,
        after previous: [Turn.Output],
        yield: (Turn) async throws -> Void
    ) async throws {
        let isEndless = way == .endlessToSignal || way == .endlessToTimeLimit
        for turn in 0..<(isEndless ? .max : arguments) {
            if way == .endlessToSignal, turn == 100 { kill(getpid(), SIGUSR1) }
            if way == .generator, turn == 3 { throw Turn.Broken(description: "generator broke") }
            try await yield(Turn(turn: turn, way: way))
        }
    }
}

struct FirstTurns: JobGenerator {
    var turns: Turns

    func generate(
        from arguments: Int,
        after previous: Void,
        yield: (Turn) async throws -> Void
    ) async throws {
        try await turns.generate(from: arguments, after: [], yield: yield)
    }
}
