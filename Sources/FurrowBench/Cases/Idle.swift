import ArgumentParser
import Foundation
import Furrow
import MPI

/// Sleeps, and returns when it ended.
struct LongNap: Job {
    var seconds: Double

    func run(_ context: JobContext) -> Double {
        Thread.sleep(forTimeInterval: seconds)
        return Clock.seconds
    }
}

/// A clock shared by all processes of a node.
enum Clock {
    static var seconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// The processor time that this process has used.
    static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

/// `furrow-bench idle`
struct Idle: CollectiveCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "The cost of ranks that wait for one long job, and how soon they learn of its end."
    )

    @Option(help: "How long the job takes, in seconds.")
    var seconds = 10.0

    @OptionGroup var output: OutputOptions

    @MPIActor
    func run() async throws {
        let world = try MPISession.start()
        guard world.size > 1 else { throw UsageError("idle needs at least two ranks") }
        let runner = ParallelRunner(Numbered { _ in LongNap(seconds: seconds) })
        try world.barrier()
        let (start, used) = (Clock.seconds, Clock.processorSeconds)
        let ends = try await runner.run(1)
        let end = Clock.seconds
        // In millionths of a core, so that they fit the gather.
        let share = (Clock.processorSeconds - used) / (end - start)
        let shares = try world.gather(Int(share * 1e6)).map { Double($0) / 1e4 }
        guard let ends else { return }
        try WrongResult.unless(
            ends.count == 1 && ends[0] >= start + seconds,
            "\(ends.count) jobs, or one that did not sleep"
        )
        // It is unknown which worker slept, but no worker does more than wait.
        try output.print(
            Measurement("idle", shares[0], "% of a core on rank 0")
                .with("the busiest worker", shares.dropFirst().max() ?? 0, "%")
                .with("from the job's end to the stage's", (end - ends[0]) * 1000, "ms")
        )
    }
}
