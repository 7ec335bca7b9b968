public import FurrowRuns
import FurrowSystem
import MPI

/// A runner whose jobs come back beside their results. Made by ``ParallelRunner/saving(_:)``.
public struct SavingRunner<Generator: JobGenerator>: ParallelVariant {
    public typealias Arguments = Generator.Arguments
    public typealias Previous = Generator.Previous
    public typealias Output = Generator.Work.Collected

    /// A job and its result.
    public typealias Pair = (job: Generator.Work, result: Generator.Work.Output)

    let runner: ParallelRunner<Generator>
    let save: @Sendable ([Pair], RunDirectory) async throws -> Void

    @MPIActor
    func runCollectively(
        _ arguments: Generator.Arguments?,
        after previous: Generator.Previous?
    ) async throws -> Generator.Work.Collected? {
        let saver = PairSaver<Generator.Work>(save)
        let pairing = runner.replacing {
            WrappingGenerator(inner: $0) { PairedJob($0) }
        } _: { _ in
        }
        return try await CurrentPairSaver.$value.withValue(saver) {
            try await pairing.run(arguments, after: previous)?.collected
        }
    }
}

extension ParallelRunner {
    /// This runner with a function that saves the results with their jobs' parameters, which `save` of
    /// the job does not get. Called on rank 0 after `save`, with the jobs that succeeded in job order,
    /// also if others failed.
    ///
    ///     ParallelRunner(generator).saving { pairs, directory in
    ///         let rows = pairs.map { "\($0.job.rate),\($0.result)\n" }.joined()
    ///         try rows.write(toFile: directory.path(of: "scores.csv"), atomically: true, encoding: .utf8)
    ///     }
    ///
    /// - Parameter save: the function. Its error is one of the stage's `save`.
    public func saving(
        _ save:
            @escaping @Sendable ([SavingRunner<Generator>.Pair], RunDirectory) async throws ->
            Void
    ) -> SavingRunner<Generator> {
        SavingRunner(runner: self, save: save)
    }
}

/// What ``PairedJob`` saves with.
struct PairSaver<Work: Job>: Sendable {
    let save: @Sendable ([(job: Work, result: Work.Output)], RunDirectory) async throws -> Void

    init(
        _ save:
            @escaping @Sendable ([(job: Work, result: Work.Output)], RunDirectory) async throws ->
            Void
    ) {
        self.save = save
    }
}

/// The one of the stage that runs: `save` is a static function, and runs in the task of its stage.
enum CurrentPairSaver {
    @TaskLocal static var value: (any Sendable)?
}

/// A job that returns itself beside its result.
struct PairedJob<Inner: Job>: WrappedJob, JournalsOtherwise {
    struct Output: Codable, Sendable {
        var job: Inner
        var result: Inner.Output
    }

    struct Collected: Sendable {
        var collected: Inner.Collected
        var pairs: [Output]
    }

    let inner: Inner

    init(_ inner: Inner) { self.inner = inner }

    func run(_ context: JobContext) async throws -> Output {
        let result = try await inner.run(context)
        context.recording?.output = result
        return Output(job: inner, result: result)
    }

    func restore(_ recorded: Inner.Output, of number: Int) -> Output {
        Output(job: inner, result: recorded)
    }

    static func collect(_ results: [Output]) async throws -> Collected {
        Collected(collected: try await Inner.collect(results.map(\.result)), pairs: results)
    }

    static func save(_ collected: Collected, in directory: RunDirectory) async throws {
        try await Inner.save(collected.collected, in: directory)
        let saver = CurrentPairSaver.value as? PairSaver<Inner>
        try await saver?.save(collected.pairs.map { ($0.job, $0.result) }, directory)
    }
}
