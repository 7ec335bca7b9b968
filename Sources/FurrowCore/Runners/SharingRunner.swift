import FurrowRuns
import MPI

/// A runner whose jobs have data from rank 0. Made by ``ParallelRunner/sharing(_:)``.
public struct SharingRunner<Generator: JobGenerator, Data: Codable & Sendable>: ParallelVariant {
    public typealias Arguments = Generator.Arguments
    public typealias Previous = Generator.Previous
    public typealias Output = Generator.Work.Collected

    let runner: ParallelRunner<Generator>
    let make: @Sendable (Generator.Arguments, Generator.Previous) throws -> Data

    @MPIActor
    func runCollectively(
        _ arguments: Generator.Arguments?,
        after previous: Generator.Previous?
    ) async throws -> Generator.Work.Collected? {
        let world = try MPISession.start()
        try JobProcesses.begin(runner.isolation, world, stage)
        var data: (any Sendable) = try world.share(stage: stage, blaming: .generator) {
            () throws -> Data in
            guard let arguments, let previous else {
                throw RunFault("rank 0 was given no arguments for stage '\(stage)'")
            }
            return try make(arguments, previous)
        }
        // A rank lets go of what only the process of its jobs needs.
        if runner.isolation != .none, RankLink.current == nil { data = InProcess() }
        return try await runner.replacing {
            $0
        } _: {
            $0.shared = data
        }
        .run(arguments, after: previous)
    }
}

/// What a rank has in place of data that the process of its jobs has.
private struct InProcess: Sendable {}

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
