import ArgumentParser
import Furrow
import FurrowCommands
import FurrowSweeps

/// `furrow results`
struct Results: LocalCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a run's results, one row per job that ended, during and after the run.",
        discussion: """
            Example: furrow results digits --sort -auroc \
            --where 'model == "knn" and auroc >= 0.98' --columns job,model,auroc
            """
    )

    @OptionGroup var named: RunArgument

    @Option(help: "The format: table, csv, json or markdown.")
    var format = ResultsFormat.table

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "A column to sort by; -COLUMN puts the largest first.",
            valueName: "column"
        )
    )
    var sort: String?

    @Flag(help: "Also show the jobs that have not ended.")
    var all = false

    @Option(help: ArgumentHelp("The columns to show, separated by commas.", valueName: "a,b"))
    var columns: String?

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "The rows to show: comparisons (== != < <= > >=) of columns, combined by and, or, not.",
            valueName: "expression"
        )
    )
    var filter: String?

    @Flag(help: "Show only failed jobs.")
    var failed = false

    @Option(help: ArgumentHelp("The stage (default: the last).", valueName: "name"))
    var stage: String?

    func run() throws {
        let report = try ResultsReport(of: try named.directory(), stage: stage)
        var table = try report.rows(onlyFailed: failed, includingOpen: all)
        for line in report.damaged { StandardError.write("Warning: \(line)") }
        if !all, !failed, let open = report.openJobs, open > 0 {
            StandardError.write("\(open) jobs have not ended; --all lists them too")
        }
        do {
            if let filter { table = try table.filtered(where: WhereExpression(filter)) }
            if let sort { table = try table.sorted(by: sort) }
            if let columns {
                let names = columns.split(separator: ",").map { String($0) }
                table = try table.selecting(names)
            }
        } catch {
            throw UsageError("\(error)")
        }
        var output = BufferedOutput()
        try table.write(as: format) { try output.write($0) }
        try output.flush()
    }
}

extension ResultsFormat: ExpressibleByArgument {}
