import ArgumentParser
import Furrow
import MPI

/// What the multi-rank tests start under mpirun.
@main
struct Root: FurrowProgram {
    static let configuration = CommandConfiguration(
        subcommands: [
            Program.self, Script.self, MPICases.self, Recorded.self, Ends.self, Rounds.self,
            Coding.self, Crashes.self, Configured.self, Observed.self, Logged.self, TinyJobs.self,
        ],
        defaultSubcommand: Program.self
    )
}

/// One scenario, its outcome a line a rank.
struct Program: FurrowProgram {
    @Argument var scenario: String
    @Option var schedule = Schedule.dynamic(chunk: nil)
    @Option var isolation = Isolation.none
    @Option var onFailure = FailurePolicy.abort
    @Option var count = 100
    @Option var workers: Int?
    @Option var grace = 1.0
    @Option var messageLimit = Communicator.roundLimit
    @Option var bytes = 0
    @Flag var serial = false

    func run() async throws {
        let world = try await MPISession.start()
        // One line in one piece, so that the lines of several ranks do not mix.
        FileOutput.write("rank \(world.rank): \(try await outcome())\n")
    }

    /// Runs the scenario and says how it ended.
    func outcome() async throws -> String {
        var options = RunOptions()
        options.schedule = schedule
        options.isolation = isolation
        options.onFailure = onFailure
        options.grace = .seconds(grace)
        options.messageLimit = messageLimit
        guard let run = scenarios[scenario] else {
            throw ValidationError("no scenario '\(scenario)'")
        }
        do {
            return "returned \(try await run(self, options) ?? "nothing")"
        } catch let error as ParallelExecutionError {
            let failure = error.failure
            let counts = failure.counts
            return "threw \(failure.cause) succeeded=\(counts.succeeded) failed=\(counts.failed) "
                + "cancelled=\(counts.cancelled) abandoned=\(counts.abandoned) "
                + "not-run=\(counts.notRun) first=\(failure.failures.first?.index ?? -1) "
                + "hash=\(checksum("\(failure)")) message=\(failure.message)"
        }
    }
}

/// Several scenarios, one after the other: a line a rank for each, with its number.
struct Script: FurrowProgram {
    static let configuration = CommandConfiguration(commandName: "script")

    @Argument(help: "A scenario and its options in one argument.") var scenarios: [String]

    func run() async throws {
        let world = try await MPISession.start()
        for (number, line) in scenarios.enumerated() {
            let scenario = try Program.parse(line.split(separator: " ").map { String($0) })
            let outcome = try await scenario.outcome()
            FileOutput.write("rank \(world.rank) \(number): \(outcome)\n")
        }
    }
}

/// A stage under the runner that the command line asks for.
func run<G: JobGenerator>(
    _ generator: G,
    _ arguments: G.Arguments,
    _ program: Program,
    _ options: RunOptions
) async throws -> G.Work.Collected? where G.Previous == Void {
    if program.serial {
        return try await SerialRunner(generator, options: options).run(arguments)
    }
    return try await ParallelRunner(generator, nJobs: program.workers, options: options)
        .run(arguments)
}
