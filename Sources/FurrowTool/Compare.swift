import ArgumentParser
import Furrow
import FurrowCommands
import FurrowSweeps

/// `furrow compare`
struct Compare: LocalCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare the results of two runs, job by job.",
        discussion: """
            Jobs with the same parameters are the same. The jobs that ended in another state or \
            whose metrics changed are listed: the first run's value, the second's, and the change.

            Example: furrow compare digits/2026-11-26T112548 digits
            """
    )

    @Argument(help: ArgumentHelp("The run to compare with.", valueName: "run"))
    var first: String

    @Argument(help: ArgumentHelp("The run to compare.", valueName: "run"))
    var second: String

    @OptionGroup var runs: RunsDirectoryOption

    @Option(
        help: "The format: table, csv, json, jsonl or markdown; a table has a summary above it."
    )
    var format = ResultsFormat.table

    @Option(help: ArgumentHelp("The stage (default: the last).", valueName: "name"))
    var stage: String?

    func run() throws {
        let reports = try [first, second].map { name in
            let directory = try RunFinder.find(name, under: runs.runsDir)
            return try ResultsReport(of: directory, stage: stage)
        }
        let comparison: ResultsComparison
        do {
            comparison = try ResultsComparison(reports[0].side(), reports[1].side())
        } catch let error as UnknownColumn {
            throw UsageError("the two runs have no parameter in common: \(error)")
        }
        var output = BufferedOutput()
        if format == .table { try output.write(comparison.summary) }
        if format != .table || !comparison.differences.rows.isEmpty {
            try comparison.differences.write(as: format) { try output.write($0) }
        }
        try output.flush()
    }
}
