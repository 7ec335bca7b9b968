import ArgumentParser
import Furrow
import FurrowCommands
import FurrowSweeps

/// `furrow results`
struct Results: LocalCommand, AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a run's results, one row per job that ended, during and after the run.",
        discussion: """
            Examples:
              furrow results digits --sort -auroc --columns job,model,auroc
              furrow results digits --where 'model == "knn" and auroc >= 0.98'
              furrow results digits --group-by model --stat mean,std
            """
    )

    @OptionGroup var named: RunArgument

    @Option(help: "The format: table, csv, json, jsonl (an object per line) or markdown.")
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

    @Option(
        help: ArgumentHelp(
            "The columns to show, separated by commas; a backslash escapes a comma in a name.",
            valueName: "a,b"
        )
    )
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

    @Option(
        help: ArgumentHelp(
            "One row for all jobs with the same values of these columns, with statistics of the "
                + "results.",
            valueName: "a,b"
        )
    )
    var groupBy: String?

    @Option(
        help: ArgumentHelp(
            "The statistics for --group-by: mean, std, min, median, max, sum, count.",
            valueName: "a,b"
        )
    )
    var stat: String?

    @Flag(help: "Show the table again every two seconds, until the run has ended.")
    var watch = false

    func validate() throws {
        if stat != nil, groupBy == nil { throw ValidationError("--stat needs --group-by") }
        _ = try statistics()
        for list in [columns, groupBy] { _ = try list.map(Self.names) }
    }

    private func statistics() throws -> [Statistic] {
        guard let stat else { return [.mean, .std] }
        return try Self.names(stat).map { name -> Statistic in
            guard let statistic = Statistic(rawValue: name) else {
                let valid = Statistic.allCases.map(\.rawValue)
                throw ValidationError(
                    "--stat \(name): \(NearestName.remedy(for: name, among: valid))"
                )
            }
            return statistic
        }
    }

    /// The names in a list, each once. A backslash escapes a comma.
    private static func names(_ list: String) throws -> [String] {
        let names = CommaList.words(of: list[...]).filter { !$0.isEmpty }
        if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
            throw ValidationError("'\(list)' has '\(names[twice])' twice")
        }
        return names
    }

    func run() async throws {
        let directory = try named.directory()
        let screen = ScreenClearing()
        while watch {
            // Asked first, so that the last table has all rows.
            let isRunning = RunLock.owner(of: directory) != nil
            screen.clear()
            try show(directory)
            guard isRunning else { return }
            try await Task.sleep(for: .seconds(2))
        }
        try show(directory)
    }

    private func show(_ directory: String) throws {
        let report = try ResultsReport(of: directory, stage: stage)
        var table = try report.rows(onlyFailed: failed, includingOpen: all)
        if let warning = report.warning { StandardError.write("Warning: \(warning)") }
        if !all, !failed, let open = report.openJobs, open > 0 {
            StandardError.write("\(open) jobs have not ended; --all lists them too")
        }
        do {
            if let filter { table = try table.filtered(where: WhereExpression(filter)) }
            if let groupBy {
                table = try table.grouped(
                    by: try Self.names(groupBy),
                    measuring: report.metrics,
                    try statistics()
                )
            }
            if let sort { table = try table.sorted(by: sort) }
            if let columns { table = try table.selecting(try Self.names(columns)) }
        } catch {
            throw UsageError("\(error)")
        }
        var output = BufferedOutput()
        try table.write(as: format) { try output.write($0) }
        try output.flush()
    }
}

extension ResultsFormat: ExpressibleByArgument {}
