import ArgumentParser
import Foundation
import Furrow

/// Stages of one name: the same job twice, and two types that are called alike.
struct Rounds: PipelineCommand {
    static let configuration = CommandConfiguration(commandName: "rounds")

    @OptionGroup var options: PipelineOptions
    @Flag var serial = false
    /// Leaves out the last stage.
    @Flag var short = false
    /// The rank on which the pipeline cannot be made.
    @Option var failingRank: String?

    func pipeline(_ runOptions: RunOptions) throws -> Pipeline<Configuration, [String]> {
        let rank = ProcessInfo.processInfo.environment["OMPI_COMM_WORLD_RANK"]
        if let failingRank, failingRank == rank { throw InputError("no model on this node") }
        let first = Pipeline(stage(GridGenerator<Inner.Round>(), runOptions))
            .then(stage(Again<Inner.Round>(), runOptions))
        if short { return first }
        return first.then(stage(Again<Outer.Round>(), runOptions))
    }

    private func stage<G: JobGenerator>(
        _ generator: G,
        _ options: RunOptions
    ) -> AnyRunner<G.Arguments, G.Previous, G.Work.Collected> {
        serial
            ? AnyRunner(SerialRunner(generator, options: options))
            : AnyRunner(ParallelRunner(generator, options: options))
    }
}

/// A job that tells each time it runs, and has another result each time.
protocol RoundJob: Job where Output == String, Collected == [String] {
    init(turn: Int)
    var turn: Int { get }
}

extension RoundJob {
    func run(_ context: JobContext) -> String {
        let type = String(reflecting: Self.self)
        FileOutput.write("ran \(type) \(turn)\n")
        return "\(type) \(turn) \(UInt32.random(in: 0...(.max)))"
    }

    static func save(_ results: [String], in directory: RunDirectory) {
        FileOutput.write("saved \(results)\n")
    }
}

enum Inner {
    struct Round: RoundJob { var turn: Int }
}

enum Outer {
    struct Round: RoundJob { var turn: Int }
}

struct Again<Work: RoundJob>: JobGenerator {
    func generate(
        from arguments: Configuration,
        after previous: [String],
        yield: (Work) async throws -> Void
    ) async throws {
        for turn in 0..<previous.count { try await yield(Work(turn: turn)) }
    }
}
