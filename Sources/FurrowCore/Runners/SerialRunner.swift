import FurrowRuns
import FurrowSystem
import MPI

/// Runs a generator's jobs one after the other, on rank 0 or in a single process.
///
/// Under mpirun it is collective like ``ParallelRunner``: every rank calls ``run(_:after:)``, rank
/// 0 runs the jobs, and the others sleep until it ends. Without a launcher MPI is not started.
public struct SerialRunner<Generator: JobGenerator>: GeneratorRunner {
    let generator: Generator
    let given: RunOptions

    /// - Parameters:
    ///   - generator: makes the jobs.
    ///   - options: the runner's options; the schedule and the number of workers have no effect.
    public init(_ generator: Generator, options: RunOptions = RunOptions()) {
        self.generator = generator
        given = options
    }

    /// Runs the stage. Collective if there is more than one rank.
    ///
    /// At the end there is one broadcast (`MPI_Ibcast`, MPI 3.1, section 5.12.2). Without it a
    /// failure on rank 0 would leave the other ranks waiting in the next stage for ever.
    ///
    /// - Parameters:
    ///   - arguments: the generator's arguments; only rank 0's are used.
    ///   - previous: the previous stage's collected value; only rank 0's is used.
    /// - Returns: the collected value on rank 0, `nil` on the other ranks.
    /// - Throws: `SerialExecutionError`, the same on every rank; `MPIError` if MPI itself fails.
    public func run(
        _ arguments: Generator.Arguments?,
        after previous: Generator.Previous?
    ) async throws -> Generator.Work.Collected? {
        try await runCollectively(arguments, after: previous)
    }

    @MPIActor
    private func runCollectively(
        _ arguments: Generator.Arguments?,
        after previous: Generator.Previous?
    ) async throws -> Generator.Work.Collected? {
        RankLink.install()
        let identity = options.nextStage(stage, of: Generator.Work.self)
        if let link = RankLink.current {
            let failure = try await link.runStage(Generator.Work.self, identity, options)
            if let failure { throw SerialExecutionError(failure: failure) }
            return nil
        }
        let world = try MPISession.launchedWorld()
        return try await JobProcesses.stage(stage, options.isolation, world) {
            try await runOnRank(world, identity, arguments, after: previous)
        }
    }

    @MPIActor
    private func runOnRank(
        _ world: Communicator?,
        _ identity: StageIdentity,
        _ arguments: Generator.Arguments?,
        after previous: Generator.Previous?
    ) async throws -> Generator.Work.Collected? {
        var end: (collected: Generator.Work.Collected?, failure: StageFailure?) = (nil, nil)
        if world?.rank ?? 0 == 0, let arguments, let previous {
            end = await run(from: arguments, after: previous, as: identity)
        }
        if let world {
            let told = try world.broadcast(try end.failure?.encoded() ?? [])
            if world.rank > 0 { end.failure = try StageFailure(encoded: told) }
        }
        if let failure = end.failure { throw SerialExecutionError(failure: failure) }
        return end.collected
    }

    func run(
        from arguments: Generator.Arguments,
        after previous: Generator.Previous,
        as identity: StageIdentity
    ) async -> (collected: Generator.Work.Collected?, failure: StageFailure?) {
        let stage = SerialStage(generator, stage: identity, options: options)
        var end = await stage.run(from: arguments, after: previous)
        let outputs = end.outputs
        return await end.tally.conclude(Generator.Work.self, identity, end.ledger, options) {
            kept in
            ((outputs + kept).sorted { $0.number < $1.number }.map(\.1), [])
        }
    }
}
