import ArgumentParser
import Foundation
import Furrow
import MPI

/// `furrow-bench nothing`: the program started by `start`, an application as users write them.
struct Nothing: PipelineCommand {
    static let configuration = CommandConfiguration(
        abstract: "A pipeline without jobs.",
        shouldDisplay: false
    )

    @OptionGroup var options: PipelineOptions

    func pipeline(_ runOptions: RunOptions) -> Pipeline<Configuration, [Record.Output]> {
        Pipeline(ParallelRunner(NoJobs(), options: runOptions))
    }
}

private struct NoJobs: JobGenerator {
    func generate(
        from configuration: Configuration,
        after previous: Void,
        yield: (Record) async throws -> Void
    ) async throws {}
}

/// `furrow-bench start`
struct Start: AsyncParsableCommand, LocalCommand {
    static let configuration = CommandConfiguration(
        abstract: "The time of a pipeline without jobs, beyond MPI's own start and end.",
        discussion: "Runs mpirun itself: start it without mpirun."
    )

    @Option(help: "The number of ranks.")
    var ranks = 3

    @Option(help: "The number of starts of each, in turn.")
    var rounds = 10

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let program = try ThisProgram.path
        let bare = URL(fileURLWithPath: program).deletingLastPathComponent()
            .appendingPathComponent("bare-start").path
        var times: [String: [Double]] = [:]
        for round in 0...rounds {
            for (name, command) in [
                ("pipeline", [program, "nothing"]), ("bare", [bare]), ("true", ["true"]),
            ] {
                let mpirun = ["mpirun", "-q", "-n", "\(ranks)"] + command
                let start = ContinuousClock.now
                _ = try await ExternalProgram.output(of: mpirun, limit: .seconds(60))
                let time = ContinuousClock.now - start
                // The first start of each reads its files.
                if round > 0 { times[name, default: []].append(time.seconds * 1000) }
            }
        }
        let samples = times.mapValues { Sample($0) }
        guard let pipeline = samples["pipeline"], let bare = samples["bare"],
            let none = samples["true"]
        else { throw UsageError("--rounds must be 1 or more, but is \(rounds)") }
        try output.print(
            Measurement("start", pipeline.median - bare.median, "ms more than MPI in C")
                .with("pipeline", pipeline.median, "ms")
                .with("MPI_Init, MPI_Barrier, MPI_Finalize", bare.median, "ms")
                .with("mpirun true", none.median, "ms")
        )
    }
}
