import FurrowRuns
import FurrowSystem

/// A stage's part of the report.
struct StageReport {
    private let table: StageTable
    private var counts: RunRecord.StageCounts
    private var cancelled = 0
    private var retried = 0
    private var failures = FailureGroups()
    private var durations = DurationSummary()
    private var groups: [ParameterGroups]
    private var choice: RowChoice
    private var numbers: [Int] = []

    /// Looks at every job that ended.
    ///
    /// - Throws: if the journal cannot be read.
    init(_ table: StageTable) throws {
        self.table = table
        counts = table.emptyCounts
        groups = table.parameterColumns.map { ParameterGroups(name: table.columns[$0]) }
        choice = RowChoice(results: table.resultColumns.count)
        try table.forEachJob { job in
            guard let attempt = job.attempt else { return }
            add(job, attempt)
        }
    }

    private mutating func add(_ job: StageTable.Job, _ attempt: StageTable.Attempt) {
        let record = attempt.record
        counts.count(record.state)
        numbers.append(job.number)
        if record.attempt > 1 { retried += 1 }
        let hasFailed = record.state == .failed
        let row = table.row(of: job)
        choice.add(job: job.number, hasFailed: hasFailed, results: row[table.resultColumns])
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

    /// As JSON.
    ///
    /// - Throws: if the journal cannot be read.
    func json() throws -> String {
        let chosen = choice.chosen(of: numbers, slowest: durations.slowest.map { $0 - 1 })
        var columns = table.columns.map { _ in ReportColumn() }
        try table.forEachJob { job in
            guard chosen.contains(job.number) else { return }
            for (place, cell) in table.row(of: job).enumerated() { columns[place].append(cell) }
        }
        return JSONText.object([
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

/// A column of the report's rows: its values, or the numbers of its few different values.
private struct ReportColumn {
    private var cells: [Int32] = []
    private var values: [String] = []
    private var places: [String: Int32] = [:]
    private var isNumeric = true
    private var isEmpty = true

    mutating func append(_ cell: Cell) {
        if cell != .empty {
            isEmpty = false
            isNumeric = isNumeric && cell.isNumeric
        }
        let value = JSONText.cell(cell)
        let place = places[value] ?? Int32(values.count)
        if Int(place) == values.count {
            places[value] = place
            values.append(value)
        }
        cells.append(place)
    }

    func json(name: String, kind: String) -> String {
        let repeats = values.count * 2 < cells.count
        return JSONText.object([
            "name": JSONText.text(name),
            "kind": JSONText.text(kind),
            "numeric": isNumeric && !isEmpty ? "true" : "false",
            "values": JSONText.list(repeats ? values : cells.map { values[Int($0)] }),
            "places": repeats ? JSONText.list(cells.map { String($0) }) : "null",
        ])
    }
}
