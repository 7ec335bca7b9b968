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
    /// All but the signal, after which a process runs no more stages.
    @Option(parsing: .upToNextOption) var way = Way.allCases.filter { $0 != .signal }

    func run() async throws {
        let world = try await MPISession.start()
        for runner in runner {
            for place in place {
                for way in way {
                    let end = try await Self.end(of: runner, place, way)
                    FileOutput.write("rank \(world.rank): \(runner) \(place) \(way): \(end)\n")
                }
            }
        }
    }

    private static func end(
        of kind: RunnerKind,
        _ place: Place,
        _ way: Way
    ) async throws -> String {
        do {
            let outputs = try await pipeline(kind, place, way).run(6)
            return outputs.map { "returned \($0.map(\.turn))" } ?? "returned nothing"
        } catch let error as ParallelExecutionError {
            return describe(error.failure)
        } catch let error as SerialExecutionError {
            return describe(error.failure)
        }
    }

    private static func describe(_ failure: StageFailure) -> String {
        "threw \(failure.cause) in \(failure.stage), hash=\(checksum("\(failure)"))"
    }

    private static func pipeline(
        _ kind: RunnerKind,
        _ place: Place,
        _ way: Way
    ) -> Pipeline<Int, [Turn.Output]> {
        var tested = RunOptions()
        tested.grace = .milliseconds(200)
        tested.onFailure = way.policy
        tested.stage = "tested"
        if way == .timeLimit {
            // What is kept for the end, and some jobs' time.
            tested.deadline = .now + tested.grace + .seconds(2) + .milliseconds(300)
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
    }
}

struct Turns: JobGenerator {
    var way: Way

    func generate(
        from arguments: Int,
        after previous: [Turn.Output],
        yield: (Turn) async throws -> Void
    ) async throws {
        for turn in 0..<arguments {
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
