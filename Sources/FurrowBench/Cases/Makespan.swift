import ArgumentParser
import Foundation
import Furrow
import FurrowCommands
import MPI

/// Sleeps for a given time, and returns how long that really was.
struct Nap: Job {
    var seconds: Double

    func run(_ context: JobContext) -> Double {
        let start = ContinuousClock.now
        Thread.sleep(forTimeInterval: seconds)
        return (ContinuousClock.now - start) / .seconds(1)
    }
}

/// `furrow-bench makespan`
struct Makespan: CollectiveCommand {
    static let configuration = CommandConfiguration(
        abstract: "The time of a stage of uneven jobs, divided by the least possible time.",
        discussion: """
            The jobs sleep, for times of a log-normal distribution. The bound is the larger of the \
            longest job and an even share of all, both as measured while they ran.
            """
    )

    @Option(help: "How many jobs.")
    var jobs = 2000

    @Option(help: "Their mean time in seconds.")
    var mean = 0.005

    @Option(help: "The standard deviation of their times' logarithm.")
    var sigma = 1.5

    @Option(help: "The number of seeds for each schedule.")
    var seeds = 10

    /// The schedules to compare.
    private static let schedules = [
        Schedule.dynamic(chunk: nil), .dynamic(chunk: 8), .static(chunk: nil), .static(chunk: 1),
    ]

    @OptionGroup var output: OutputOptions

    @MPIActor
    func run() async throws {
        let world = try MPISession.start()
        var ratios: [Schedule: [Double]] = [:]
        for seed in 0..<seeds {
            var random = SeededRandom(seed: UInt64(seed))
            let times = (0..<jobs).map { _ in
                mean * exp(sigma * random.normal() - sigma * sigma / 2)
            }
            for schedule in Self.schedules {
                let ratio = try await measure(times, schedule, workers: max(world.size - 1, 1))
                if world.rank == 0 { ratios[schedule, default: []].append(ratio) }
            }
        }
        guard world.rank == 0 else { return }
        let samples = Self.schedules.map { Sample(ratios[$0] ?? []) }
        var measurement = Measurement("makespan", samples[0].median, "× the bound, dynamic")
            .with("worst", samples[0].quantile(1), "×")
        for (schedule, sample) in zip(Self.schedules, samples).dropFirst() {
            measurement = measurement.with("\(schedule)", sample.median, "×")
        }
        try output.print(measurement)
    }

    /// The ratio of elapsed time and bound; 0 on ranks other than 0.
    @MPIActor
    private func measure(
        _ times: [Double],
        _ schedule: Schedule,
        workers: Int
    ) async throws -> Double {
        var options = RunOptions()
        options.schedule = schedule
        let start = ContinuousClock.now
        let runner = ParallelRunner(Numbered { Nap(seconds: times[$0]) }, options: options)
        let slept = try await runner.run(times.count)
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        guard let slept else { return 0 }
        try WrongResult.unless(
            slept.count == times.count && zip(slept, times).allSatisfy { $0 >= $1 },
            "\(slept.count) jobs of \(times.count), or some slept too short"
        )
        return elapsed / max(slept.reduce(0, +) / Double(workers), slept.max() ?? 0)
    }
}
