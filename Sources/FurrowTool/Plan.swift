import ArgumentParser
import Furrow
import FurrowCommands
import FurrowSweeps

/// `furrow plan`
struct Plan: LocalCommand, SweepCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the jobs of a sweep: number, parameters and command line.",
        discussion: "Example: furrow plan sweep.yaml --format commands"
    )

    @OptionGroup var input: SweepInput

    @Option(help: "The format: table (columns separated by tabs), commands or json.")
    var format = PlanFormat.table

    func run() throws {
        let sweep = try input.load()
        for warning in sweep.warnings { StandardError.write("Warning: \(warning)") }
        try PlanPrinter(sweep).write(as: format)
    }
}

extension PlanFormat: ExpressibleByArgument {}
