import FurrowRuns
import MPI

/// A runner whose jobs have data from rank 0. Made by ``ParallelRunner/sharing(_:)``.
public struct SharingRunner<Generator: JobGenerator, Data: Codable & Sendable>: Runner {
    let runner: ParallelRunner<Generator>
    let make: @Sendable (Generator.Arguments, Generator.Previous) throws -> Data

    public var stage: String { runner.stage }
    public var section: String { runner.section }
    public var sharedKeys: [String] { runner.sharedKeys }

    /// Shows the jobs that the generator makes. On rank 0.
    public func plan(
        from arguments: Generator.Arguments,
        after previous: Generator.Previous,
        show: @Sendable (String) throws -> Void
    ) async throws -> Bool {
        try await runner.plan(from: arguments, after: previous, show: show)
    }

    /// Sends the data and runs the stage. Collective.
    ///
    /// - Throws: `ParallelExecutionError`, the same on every rank.
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
        let world = try MPISession.start()
        let data = try world.share(blaming: .generator) { () throws -> Data in
            guard let arguments, let previous else {
                throw RunFault("rank 0 was given no arguments for stage '\(stage)'")
            }
            return try make(arguments, previous)
        }
        return try await runner.replacing {
            $0
        } _: {
            $0.shared = data
        }
        .run(arguments, after: previous)
    }
}

extension ParallelRunner {
    /// This runner with data that rank 0 makes and sends to every rank once, before the first job:
    /// what all jobs need, and what would travel with each of them as a parameter. A job gets it by
    /// ``JobContext/shared(_:)``.
    ///
    ///     ParallelRunner(tiles).sharing { _, statistics in statistics }
    ///
    /// - Parameter make: makes the data on rank 0 from the arguments and the previous stage's
    ///   collected value.
    public func sharing<Data: Codable & Sendable>(
        _ make: @escaping @Sendable (Generator.Arguments, Generator.Previous) throws -> Data
    ) -> SharingRunner<Generator, Data> {
        SharingRunner(runner: self, make: make)
    }
}
