import ArgumentParser
import Furrow
import FurrowSimulation

/// `furrow-bench simulate`
struct Simulate: LocalCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the real dispatcher with virtual workers: how many can one rank 0 serve?"
    )

    @Option(help: "How many virtual workers.")
    var workers = 1000

    @Option(
        help: "How many jobs (default: two seconds' worth, but at least fifty per worker)."
    )
    var jobs: Int?

    @Option(help: "Their mean time in seconds; each takes between half and one and a half of it.")
    var meanTime = 1.0

    @Option(help: "Rank 0's time to receive or send a message, in microseconds.")
    var messageCost = 1.7

    @Option(help: "The dispatcher's time for an event or a command, in microseconds.")
    var eventCost = 0.05

    @Option(help: "A message's time in transit, in microseconds.")
    var latency = 20.0

    @Option(help: "The generator's time for a job, in microseconds.")
    var jobCost = 0.3

    @Flag(help: "Print a table for 100 to 100,000 workers and jobs of 1 ms to 100 s instead.")
    var table = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        if table { return print(try efficiencies().text, terminator: "") }
        guard workers > 0, meanTime > 0, jobs ?? 1 > 0 else {
            throw UsageError("--workers, --jobs and --mean-time must be more than 0")
        }
        try output.print(try measure(workers: workers, meanTime: meanTime))
    }

    private func efficiencies() throws -> TextTable {
        let times = [
            ("1 ms", 0.001), ("10 ms", 0.01), ("0.1 s", 0.1), ("1 s", 1), ("10 s", 10),
            ("100 s", 100),
        ]
        var table = TextTable(columns: ["workers"] + times.map(\.0))
        for workers in [100, 1000, 10_000, 100_000] {
            let cells = try times.map { time in
                readable(try measure(workers: workers, meanTime: time.1).figure) + " %"
            }
            table.append(["\(workers)"] + cells)
        }
        return table
    }

    private func measure(workers: Int, meanTime: Double) throws -> Measurement {
        let share = min(max(50, Int(2 / meanTime)), max(50, 20_000_000 / workers))
        let count = jobs ?? share * workers
        var cluster = VirtualCluster(
            workers: workers,
            schedule: .dynamic(chunk: nil),
            count: count
        ) { Self.seconds(of: $0, mean: meanTime) }
        cluster.costs.message = messageCost * 1e-6
        cluster.costs.event = eventCost * 1e-6
        cluster.costs.latency = latency * 1e-6
        cluster.costs.isJittery = false
        cluster.costs.job = jobCost * 1e-6
        cluster.portion = Self.portion
        cluster.portionSeconds = 0
        cluster.run()
        let tally = cluster.tally
        try WrongResult.unless(
            tally.ran == count && tally.repeated == 0 && tally.proceeds == 1,
            "\(tally.ran) of \(count) virtual jobs ran"
        )
        return Measurement("simulate", 100 * cluster.efficiency, "% efficiency")
            .with("rank 0 busy", 100 * tally.busy / tally.lastEnd, "%")
            .with("messages a job", Double(tally.messages) / Double(tally.ran), "")
            .with(
                "an event",
                tally.sampled.time / .nanoseconds(1) / Double(max(tally.sampled.events, 1)),
                "ns"
            )
    }

    /// How many jobs the generator makes before rank 0 looks.
    private static let portion = 1024

    /// A job's time: between 0.5 and 1.5 times the mean, depending on its number.
    private static func seconds(of job: Int, mean: Double) -> Double {
        // Fibonacci hashing: neighbouring numbers are far apart.
        let bits = UInt64(truncatingIfNeeded: job &+ 1) &* 0x9e37_79b9_7f4a_7c15
        return mean * (0.5 + Double(bits >> 11) * 0x1p-53)
    }
}
