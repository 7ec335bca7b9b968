import ArgumentParser
import Foundation
import Furrow
import MPI

/// A job without a result.
struct Silent: Job {
    struct Output: Codable, Sendable {}

    var index: Int
    var lr: Double
    var backbone: String
    var seed: Int

    func run(_ context: JobContext) -> Output { Output() }
}

/// `furrow-bench memory`
struct Memory: CollectiveCommand {
    static let configuration = CommandConfiguration(
        abstract: "The most resident memory of rank 0 and of a worker."
    )

    @Option(help: "How many jobs of four Codable fields.")
    var jobs = 1_000_000

    @Flag(inversion: .prefixedNo, help: "Whether the jobs have results, of four fields too.")
    var results = false

    @OptionGroup var output: OutputOptions

    @MPIActor
    func run() async throws {
        let world = try MPISession.start()
        let before = try world.gather(try Self.peak())
        let count: Int?
        if results {
            count = try await ParallelRunner(
                Numbered { Record(index: $0, lr: 0.1, backbone: "resnet18", seed: 42) }
            ).run(jobs)?.count
        } else {
            count = try await ParallelRunner(
                Numbered { Silent(index: $0, lr: 0.1, backbone: "resnet18", seed: 42) }
            ).run(jobs)?.count
        }
        let after = try world.gather(try Self.peak())
        guard world.rank == 0 else { return }
        try WrongResult.unless(count == jobs, "\(count ?? 0) results of \(jobs) jobs")
        func megabytes(_ bytes: Int) -> Double { Double(bytes) / 1e6 }
        try output.print(
            Measurement("memory", megabytes(after[0]), "MB on rank 0")
                .with("before the jobs", megabytes(before[0]), "MB")
                .with("the largest worker", megabytes(after.dropFirst().max() ?? 0), "MB")
                .with("before the jobs", megabytes(before.dropFirst().max() ?? 0), "MB")
        )
    }

    /// The most resident memory of this process so far, in bytes.
    private static func peak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        guard let kilobytes else { throw UsageError("/proc/self/status has no VmHWM line") }
        return kilobytes * 1024
    }
}
