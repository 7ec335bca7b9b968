import FurrowRuns
package import FurrowSweeps
import FurrowSystem

/// What `furrow results` shows.
package struct ResultsReport {
    private let table: StageTable

    /// - Parameters:
    ///   - directory: the run's directory.
    ///   - name: the stage; the last, if `nil`.
    /// - Throws: ``Furrow/UsageError`` where there is no such stage.
    package init(of directory: String, stage name: String?) throws {
        let stages = try RecordedStages(of: directory)
        table = try stages.table(of: try stages.stage(name))
    }

    /// How many jobs have not ended, and have no row unless they are asked for; `nil` where nobody
    /// knows how many there are.
    package var openJobs: Int? { table.openJobs }

    /// Lines of the journal that could not be read: their jobs have no row.
    package var damaged: [String] { table.damaged }

    /// The rows of all jobs that ended.
    ///
    /// - Parameters:
    ///   - onlyFailed: leaves out those that did not fail.
    ///   - includesOpen: also those that have not ended.
    package func rows(onlyFailed: Bool, includingOpen includesOpen: Bool) throws -> ResultsTable {
        var rows = ResultsTable(columns: table.columns)
        try table.forEachJob(includingOpen: includesOpen && !onlyFailed) { job in
            if onlyFailed, job.attempt?.record.state != .failed { return }
            rows.append(table.row(of: job))
        }
        return rows
    }
}
