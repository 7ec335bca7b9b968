import ArgumentParser
import Furrow

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
        var simulation = RootSimulation(
            workers: workers,
            times: JobTimes(count: jobs ?? share * workers, mean: meanTime),
            costs: RootSimulation.Costs(
                message: messageCost * 1e-6,
                event: eventCost * 1e-6,
                latency: latency * 1e-6,
                job: jobCost * 1e-6
            )
        )
        try simulation.run()
        let (events, time) = simulation.sampled
        return Measurement("simulate", 100 * simulation.efficiency, "% efficiency")
            .with("rank 0 busy", 100 * simulation.busy / simulation.makespan, "%")
            .with("messages a job", Double(simulation.messages) / Double(simulation.ran), "")
            .with("an event", time / .nanoseconds(1) / Double(max(events, 1)), "ns")
    }
}
