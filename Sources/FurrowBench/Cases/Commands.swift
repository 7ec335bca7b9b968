import ArgumentParser
import Foundation
import Furrow
import FurrowCommands
import FurrowSweeps
import MPI

/// `furrow-bench commands`
struct Commands: CollectiveCommand {
    static let configuration = CommandConfiguration(
        abstract: "Commands (/bin/true) a second, with journal, capture and tables."
    )

    @Option(help: "How many commands.")
    var jobs = 4000

    @OptionGroup var output: OutputOptions

    @MPIActor
    func run() async throws {
        let world = try MPISession.start()
        let folder = try world.share { try TemporaryFolder.make() }
        defer { if world.rank == 0 { TemporaryFolder.remove(folder) } }
        let runner = try RunnerOptions.parse(["--runs-dir", folder, "--progress", "none"])
        let start = ContinuousClock.now
        let run = try SweepRun(world, await runner.runOptions(name: ""), SweepRunOptions()) {
            let parameters = ["n=1..\(jobs)"]
            return (
                try Sweep(parameters: parameters, tasks: nil, command: ["/bin/true"], name: "true"),
                runner
            )
        }
        let directory = try await run()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        guard world.rank == 0 else { return }
        let log = try String(contentsOfFile: RunLayout(directory).joblog, encoding: .utf8)
        let rows = log.split(separator: "\n").dropFirst().map { $0.split(separator: "\t") }
        try WrongResult.unless(
            Set(rows.map { $0[0] }).count == jobs && rows.allSatisfy { $0[6] == "0" },
            "the log has \(rows.count) commands of \(jobs), or some of them failed"
        )
        try output.print(Measurement("commands", Double(jobs) / seconds, "commands/s"))
    }
}
