import ArgumentParser
import Furrow
import Glibc
import MPI

/// Every way out of a stage, under every runner, in every place of a pipeline: a line a rank for each.
struct Ends: FurrowProgram, CollectiveCommand {
    static let configuration = CommandConfiguration(commandName: "ends")

    enum Place: String, ExpressibleByArgument, CaseIterable { case alone, first, middle, last }

    @Option(parsing: .upToNextOption) var runner = StageRunner.allCases
    @Option(parsing: .upToNextOption) var place = Place.allCases
    @Option(parsing: .upToNextOption) var way = Way.allCases.filter { !$0.isDeaf }
    @Option var schedule = Schedule.dynamic(chunk: nil)
    @Option var isolation = Isolation.none
    /// Ends the program as the last stage ended.
    @Flag var passing = false

    func run() async throws {
        let world = try await MPISession.start()
        for runner in runner {
            for place in place {
                for way in way where runner.has(way, ranks: world.size) {
                    let end = try await end(of: runner, place, way)
                    FileOutput.write("rank \(world.rank): \(runner) \(place) \(way): \(end)\n")
                    // A process drains after a signal, and the next stage is not to.
                    try await world.barrier()
                    Interruption.forget()
                }
            }
        }
    }

    private func end(
        of runner: StageRunner,
        _ place: Place,
        _ way: Way
    ) async throws -> String {
        let failure: StageFailure
        do {
            let outputs = try await pipeline(runner, place, way).run(6)
            return outputs.map { "returned \($0.map(\.turn).sorted())" } ?? "returned nothing"
        } catch let error as ParallelExecutionError {
            if passing { throw error }
            failure = error.failure
        } catch let error as SerialExecutionError {
            if passing { throw error }
            failure = error.failure
        }
        return "threw \(failure.cause) in \(failure.stage), hash=\(checksum("\(failure)")), "
            + "status=\(failure.exitStatus), succeeded=\(failure.counts.succeeded), "
            + "abandoned=\(failure.counts.abandoned), not-run=\(failure.counts.notRun)."
    }

    private func pipeline(
        _ runner: StageRunner,
        _ place: Place,
        _ way: Way
    ) -> Pipeline<Int, [Turn.Output]> {
        var tested = RunOptions()
        tested.schedule = schedule
        tested.isolation = isolation
        tested.grace = .milliseconds(200)
        tested.onFailure = way.policy
        tested.stage = "tested"
        if way.hasTimeLimit {
            // What is kept for the end, and some jobs' time; where the second is to have begun, time
            // for that on a busy machine.
            tested.deadline =
                .now + tested.grace + .seconds(2) + .milliseconds(way == .timeLimit ? 100 : 2000)
        }
        var other = RunOptions()
        other.stage = "other"
        other.isolation = isolation
        let serial = SerialRunner(FirstTurns(turns: Turns(way: .none)), options: other)
        let parallel = ParallelRunner(FirstTurns(turns: Turns(way: .none)), options: other)
        let after = ParallelRunner(Turns(way: .none), options: other)
        let turns = Turns(way: way)
        switch place {
        case .alone:
            return Pipeline(runner.run(FirstTurns(turns: turns), way, tested))
        case .first:
            return Pipeline(runner.run(FirstTurns(turns: turns), way, tested)).then(after)
        case .middle:
            return Pipeline(serial).then(runner.run(turns, way, tested)).then(after)
        case .last:
            return Pipeline(parallel).then(runner.run(turns, way, tested))
        }
    }
}

/// How a stage ends.
enum Way: String, Codable, ExpressibleByArgument, CaseIterable {
    case none, abort, finish, `continue`, signal, timeLimit, generator, collect, save
    /// A function that the runner was given throws: one that makes what is shared, or adds up sums, or
    /// takes results, or saves them.
    case function
    /// One that adds a result to a sum throws.
    case adding
    /// A job keeps its thread for itself for ever.
    case deafToSignal, deafToTimeLimit
    /// A generator makes jobs for ever.
    case endlessToSignal, endlessToTimeLimit

    /// A deaf job takes a thread from the stages after it, and what has no end is slow.
    var isDeaf: Bool {
        switch self {
        case .deafToSignal, .deafToTimeLimit, .endlessToSignal, .endlessToTimeLimit: true
        default: false
        }
    }

    var hasTimeLimit: Bool {
        self == .timeLimit || self == .deafToTimeLimit || self == .endlessToTimeLimit
    }

    var policy: FailurePolicy { FailurePolicy(rawValue: rawValue) ?? .abort }
}

/// The process of a job's rank: the one that started the job's own, if it has one.
func ownRank() -> pid_t {
    CommandLine.arguments.contains(Isolation.process.rawValue) ? getppid() : getpid()
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
            if turn == 1 { kill(ownRank(), SIGUSR1) }
            try await Task.sleep(for: .milliseconds(100))
        case .timeLimit:
            try await Task.sleep(for: .milliseconds(80))
        case .deafToSignal, .deafToTimeLimit:
            guard turn == 1 else { break }
            if way == .deafToSignal { kill(ownRank(), SIGUSR1) }
            while time(nil) > 0 {}
        case .endlessToSignal, .endlessToTimeLimit:
            try await Task.sleep(for: .milliseconds(1))
        case .none, .generator, .collect, .save, .function, .adding:
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
