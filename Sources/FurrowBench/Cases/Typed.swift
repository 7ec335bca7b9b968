import ArgumentParser
import Furrow
import MPI

/// Four fields in, four fields out: mpi4py.futures is measured with the same record.
struct Record: Job {
    struct Output: Codable, Sendable, Equatable {
        var index: Int
        var score: Double
        var task: Int
        var note: String
    }

    var index: Int
    var lr: Double
    var backbone: String
    var seed: Int

    func run(_ context: JobContext) -> Output {
        Output(
            index: index,
            score: lr * Double(seed),
            task: context.taskID ?? -1,
            note: backbone
        )
    }
}

/// Makes a number of jobs, one from each number.
struct Numbered<Work: Job>: JobGenerator {
    var make: @Sendable (Int) -> Work

    func count(from count: Int, after previous: Void) -> Int? { count }

    func generate(
        from count: Int,
        after previous: Void,
        yield: (Work) async throws -> Void
    ) async throws {
        for number in 0..<count { try await yield(make(number)) }
    }
}

/// `furrow-bench typed`
struct Typed: CollectiveCommand {
    static let configuration = CommandConfiguration(
        abstract: "Jobs of four Codable fields a second, with results of four."
    )

    @Option(help: "How many jobs.")
    var jobs = 500_000

    @Option(help: "Where the jobs run: auto, process or none.")
    var isolation = Isolation.auto

    @OptionGroup var output: OutputOptions

    @MPIActor
    func run() async throws {
        let world = try MPISession.start()
        var options = RunOptions()
        options.isolation = isolation
        let runner = ParallelRunner(
            Numbered { Record(index: $0, lr: 0.1, backbone: "resnet18", seed: 42) },
            options: options
        )
        let (results, seconds) = try await timed(runner, jobs: jobs)
        guard world.rank == 0 else { return }
        for (number, result) in results.enumerated() {
            try WrongResult.unless(
                result.index == number && result.score == 0.1 * 42 && result.note == "resnet18"
                    && 0..<world.size ~= result.task + 1,
                "job \(number) returned \(result)"
            )
        }
        try output.print(Measurement("typed", Double(jobs) / seconds, "jobs/s"))
    }
}

/// Runs a stage of a few jobs to warm up, as every peer may, and then the measured one.
///
/// - Returns: on rank 0 the results and the seconds from the call of `run` to its return.
@MPIActor
func timed<Work: Job>(
    _ runner: ParallelRunner<Numbered<Work>>,
    jobs: Int
) async throws -> (results: [Work.Output], seconds: Double) where Work.Collected == [Work.Output] {
    _ = try await runner.run(100)
    let start = ContinuousClock.now
    let results = try await runner.run(jobs) ?? []
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    if try MPISession.start().rank == 0 {
        try WrongResult.unless(results.count == jobs, "\(results.count) results of \(jobs) jobs")
    }
    return (results, seconds)
}
