package import FurrowRuns
import FurrowSystem

/// A stage's part of the report, made while its jobs are looked at in order, one by one.
package struct StageReport {
    private let table: StageTable
    private var counts: RunRecord.StageCounts
    private var cancelled = 0
    private var retried = 0
    private var failures = FailureGroups()
    private var durations = DurationSummary()
    private var groups: [ParameterGroups]
    private var choice: RowChoice
    private var numbers: [Int] = []
    /// Whether every job that ended has a row.
    private let hasAllRows: Bool
    private var columns: [ReportColumn]

    /// - Parameter table: the stage's jobs.
    package init(of table: StageTable) {
        self.table = table
        counts = table.emptyCounts
        groups = table.parameterColumns.map { ParameterGroups(name: table.columns[$0]) }
        choice = RowChoice(results: table.resultColumns.count)
        hasAllRows = table.endedCount <= RowChoice.most
        columns = table.columns.map { _ in ReportColumn() }
    }

    /// Looks at every job that ended.
    ///
    /// - Parameter table: the stage's jobs.
    /// - Returns: the report.
    /// - Throws: if the journal cannot be read.
    static func part(of table: StageTable) throws -> Part {
        var report = StageReport(of: table)
        try table.forEachJob { report.add($0, table.row(of: $0)) }
        return try report.part()
    }

    /// Adds the next job.
    ///
    /// - Parameters:
    ///   - job: the job; nothing is added of one that has not ended.
    ///   - row: its row of the table.
    package mutating func add(_ job: StageTable.Job, _ row: [Cell]) {
        guard let attempt = job.attempt else { return }
        let record = attempt.record
        counts.count(record.state)
        numbers.append(job.number)
        if hasAllRows { append(row) }
        if record.attempt > 1 { retried += 1 }
        let hasFailed = record.state == .failed
        if !hasAllRows {
            choice.add(job: job.number, hasFailed: hasFailed, results: row[table.resultColumns])
        }
        if record.state == .cancelled {
            cancelled += 1
            return
        }
        if hasFailed {
            let table = table
            failures.add(job, attempt) { table.command(of: job) }
        }
        durations.add(record.duration, job: job.number + 1, hasFailed: hasFailed)
        for (place, column) in table.parameterColumns.enumerated() {
            groups[place].add(row[column], failed: hasFailed, seconds: record.duration)
        }
    }

    private mutating func append(_ row: [Cell]) {
        for place in columns.indices { columns[place].append(row[place]) }
    }

    /// What the page has of a stage.
    package struct Part: Sendable {
        let json: String
        let counts: RunRecord.StageCounts
        /// How the jobs differ from those of the journal.
        let changes: StageChanges
    }

    /// The stage's part, once all jobs were added.
    ///
    /// - Throws: if the journal cannot be read.
    package consuming func part() throws -> Part {
        if !hasAllRows {
            let chosen = choice.chosen(of: numbers, slowest: durations.slowest.map { $0 - 1 })
            let table = table
            try table.forEachJob(where: chosen.contains) { append(table.row(of: $0)) }
        }
        return Part(json: json, counts: counts, changes: table.changes)
    }

    private var json: String {
        JSONText.object([
            "name": JSONText.text(table.stage.label),
            "total": counts.total.map(String.init) ?? "null",
            "succeeded": "\(counts.succeeded)",
            "failed": "\(counts.failed)",
            "cancelled": "\(cancelled)",
            "retried": "\(retried)",
            "ended": "\(numbers.count)",
            "damaged": "\(table.damaged.count)",
            "failures": failures.json,
            "durations": durations.json,
            "groups": JSONText.list(groups.compactMap(\.json)),
            "columns": JSONText.list(
                table.columns.indices.map { place in
                    columns[place].json(name: table.columns[place], kind: kind(of: place))
                }
            ),
        ])
    }

    private func kind(of column: Int) -> String {
        if column == 0 { return "job" }
        if table.parameterColumns.contains(column) { return "parameter" }
        if column == table.parameterColumns.upperBound { return "state" }
        return table.resultColumns.contains(column) ? "result" : "fact"
    }
}
