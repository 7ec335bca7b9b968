import ArgumentParser
import Furrow
import MPI

/// A job that travels as its bytes in memory.
struct Point: Job, BitwiseCopyable {
    struct Output: Codable, Sendable, BitwiseCopyable {
        var index: Int
        var score: Double
        var task: Int
        var seed: Int
    }

    var index: Int
    var lr: Double
    var momentum: Double
    var seed: Int

    func run(_ context: JobContext) -> Output {
        Output(
            index: index,
            score: lr * Double(seed) + momentum,
            task: context.taskID ?? -1,
            seed: seed
        )
    }
}

/// `furrow-bench bitwise`
struct Bitwise: CollectiveCommand {
    static let configuration = CommandConfiguration(
        abstract: "Jobs of bitwise-copyable types a second."
    )

    @Option(help: "How many jobs.")
    var jobs = 2_000_000

    @Option(help: "The schedule; dynamic,1 shows the cost of a message.")
    var schedule = Schedule.dynamic(chunk: nil)

    @Option(help: "Where the jobs run: auto, process or none.")
    var isolation = Isolation.auto

    @OptionGroup var output: OutputOptions

    @MPIActor
    func run() async throws {
        let world = try MPISession.start()
        var options = RunOptions()
        options.schedule = schedule
        options.isolation = isolation
        let runner = ParallelRunner(
            Numbered { Point(index: $0, lr: 0.1, momentum: Double($0), seed: 42) },
            options: options
        )
        let (results, seconds) = try await timed(runner, jobs: jobs)
        guard world.rank == 0 else { return }
        for (number, result) in results.enumerated() {
            try WrongResult.unless(
                result.index == number && result.score == 0.1 * 42 + Double(number)
                    && result.seed == 42 && 0..<world.size ~= result.task + 1,
                "job \(number) returned \(result)"
            )
        }
        try output.print(Measurement("bitwise", Double(jobs) / seconds, "jobs/s"))
    }
}
