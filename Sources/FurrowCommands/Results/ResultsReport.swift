import FurrowRuns
package import FurrowSweeps
import FurrowSystem

/// The report of `furrow results`.
package struct ResultsReport {
    private let table: StageTable

    /// - Parameters:
    ///   - directory: the run's directory.
    ///   - name: the stage; `nil`: the last.
    /// - Throws: ``Furrow/UsageError`` if there is no such stage.
    package init(of directory: String, stage name: String?) throws {
        let stages = try RecordedStages(of: directory)
        table = try stages.table(of: try stages.stage(name))
    }

    /// How many jobs have not ended, and so have a row only on request; `nil` if unknown.
    package var openJobs: Int? { table.openJobs }

    /// The columns of the results, and of how long jobs took.
    package var metrics: [String] {
        let own = table.columns[table.resultColumns.upperBound...]
        return table.columns[table.resultColumns] + own.filter { $0.hasSuffix("duration") }
    }

    /// The rows of all jobs that ended, for a comparison.
    package func side() throws -> ResultsComparison.Side {
        ResultsComparison.Side(
            table: try rows(onlyFailed: false, includingOpen: false),
            parameters: Array(table.columns[table.parameterColumns]),
            metrics: Array(table.columns[table.resultColumns]),
            state: table.columns[table.parameterColumns.upperBound]
        )
    }

    /// That lines of the journal cannot be read, and their jobs have no row; `nil` where all can.
    package var warning: String? { table.warning }

    /// The rows of all jobs that ended.
    ///
    /// - Parameters:
    ///   - onlyFailed: whether to leave out jobs that did not fail.
    ///   - includesOpen: whether to include jobs that have not ended.
    package func rows(onlyFailed: Bool, includingOpen includesOpen: Bool) throws -> ResultsTable {
        var rows = ResultsTable(columns: table.columns)
        try table.forEachJob(includingOpen: includesOpen && !onlyFailed) { job in
            if onlyFailed, job.attempt?.record.state != .failed { return }
            rows.append(table.row(of: job))
        }
        return rows
    }
}
