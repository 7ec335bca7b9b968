import FurrowRuns
import FurrowSystem
import MPI

/// Runs a generator's jobs one after the other on rank 0, or in the one process there is.
///
/// Under mpirun it is as collective as ``ParallelRunner``: every rank calls ``run(_:after:)``, rank 0
/// runs the jobs, the others wait, asleep, for how that ended. Without a launcher MPI is not started.
public struct SerialRunner<Generator: JobGenerator>: Runner {
    private let generator: Generator
    private let options: RunOptions

    /// - Parameters:
    ///   - generator: makes the jobs.
    ///   - options: how the stage runs; the schedule and the number of workers do not matter.
    public init(_ generator: Generator, options: RunOptions = RunOptions()) {
        self.generator = generator
        self.options = options
    }

    public var stage: String { options.stage ?? Generator.Work.name }

    /// Runs the stage. Collective, where there is more than one rank.
    ///
    /// The end is one broadcast (`MPI_Ibcast`, MPI 3.1, section 5.12.2). Without it a failure of rank
    /// 0 would leave the other ranks waiting in the next stage for ever.
    ///
    /// - Parameters:
    ///   - arguments: what the generator gets; looked at on rank 0 only.
    ///   - previous: what the previous stage collected; looked at on rank 0 only.
    /// - Returns: what was collected on rank 0, `nil` on the other ranks.
    /// - Throws: ``SerialExecutionError``, the same on every rank; `MPIError` where MPI itself fails.
    public func run(
        _ arguments: Generator.Arguments?,
        after previous: Generator.Previous?
    ) async throws -> Generator.Work.Collected? {
        let identity = options.nextStage(stage, of: Generator.Work.self)
        let world = try await MPISession.launchedWorld()
        var end: (collected: Generator.Work.Collected?, failure: StageFailure?) = (nil, nil)
        if world?.rank ?? 0 == 0, let arguments, let previous {
            end = await run(from: arguments, after: previous, as: identity)
        }
        if let world {
            let told = try await world.broadcast(try end.failure?.encoded() ?? [])
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
            (outputs + kept).sorted { $0.number < $1.number }.map(\.1)
        }
    }
}
