import Furrow

/// A stage's plan joined with what the journal says of its jobs.
struct RecordedStage {
    /// What the journal keeps of an attempt at a command.
    struct Attempt: Decodable {
        var attempt: Int
        var state: JournalRecord.State
        var start: Double
        var duration: Double
        var taskID: Int?
        var rank: Int
        var host: String
        var device: String?
        var message: String?
        var result: CommandResult?

        enum CodingKeys: String, CodingKey {
            case attempt, state, start, duration
            case taskID = "task_id"
            case rank, host, device, message, result
        }
    }

    /// How many jobs there are of which kind.
    struct Counts {
        var total = 0
        var succeeded = 0
        var failed = 0
        /// Neither: not started, cancelled, or running.
        var left: Int { total - succeeded - failed }
    }

    let stage: Sweep.Stage
    private let directory: String
    private let index: JournalIndex

    /// - Parameters:
    ///   - stage: of the sweep that the run was given.
    ///   - directory: the run's directory.
    ///   - index: its journal.
    init(_ stage: Sweep.Stage, in directory: String, _ index: JournalIndex) {
        self.stage = stage
        self.directory = directory
        self.index = index
    }

    /// Every job in order, with its number from 0 and its last word in the journal.
    private func forEach(
        _ body: (Int, Parameters, JournalIndex.Entry?) throws -> Void
    ) rethrows {
        var identities = JobIdentities(stage: stage.settings.name)
        for (number, parameters) in stage.space.enumerated() {
            let identity = identities.next(parameters.canonical)
            try body(number, parameters, index.entries[identity])
        }
    }

    var counts: Counts {
        var counts = Counts()
        forEach { _, _, entry in
            counts.total += 1
            switch entry?.state {
            case .succeeded: counts.succeeded += 1
            case .failed: counts.failed += 1
            case .cancelled, nil: break
            }
        }
        return counts
    }

    /// What the journal says of a job.
    ///
    /// - Parameter number: the job's number, from 1.
    /// - Returns: `nil` where no attempt at it has ended.
    func attempt(at number: Int) throws -> Attempt? {
        var found: JournalIndex.Entry?
        forEach { place, _, entry in if place + 1 == number { found = entry } }
        return try found.map { try JournalReader(index).decode(Attempt.self, at: $0) }
    }

    /// Calls with each job and the last word on it.
    func forEachAttempt(
        _ body: (Int, Parameters, Attempt?) throws -> Void
    ) throws {
        let reader = JournalReader(index)
        try forEach { number, parameters, entry in
            try body(
                number,
                parameters,
                try entry.map { try reader.decode(Attempt.self, at: $0) }
            )
        }
    }

    // MARK: Tables

    private static let before = ["job"]
    private static let after = [
        "attempt", "exit", "signal", "start", "duration", "user_time", "system_time",
        "peak_memory", "host", "task_id", "device",
    ]

    /// Writes a row for every job: its parameters, its state, its metrics, and how it ran.
    ///
    /// - Parameters:
    ///   - columns: called first.
    ///   - row: called for every job that `isWanted`.
    func forEachRow(
        where isWanted: (Attempt?) -> Bool = { _ in true },
        columns: ([String]) throws -> Void,
        row: ([Cell]) throws -> Void
    ) throws {
        let names = stage.space.names
        let metrics = try metricNames()
        // A metric or a parameter may be called like a column of ours: theirs gives way.
        let own = Self.before + names
        let state = own.contains("state") ? "furrow_state" : "state"
        let taken = Set(own + [state])
        let shown = metrics.map { taken.contains($0) ? "result.\($0)" : $0 }
        let all = Set(shown).union(taken)
        try columns(
            own + [state] + shown + Self.after.map { all.contains($0) ? "furrow_\($0)" : $0 }
        )
        try forEachAttempt { number, parameters, attempt in
            guard isWanted(attempt) else { return }
            var cells: [Cell] = [.integer(number + 1)]
            cells += names.map { parameters[$0].map(Cell.init) ?? .empty }
            cells.append(.text(attempt?.state.rawValue ?? "not run"))
            cells += metrics.map { attempt?.result?.metrics[$0].map(Cell.init) ?? .empty }
            try row(cells + Self.cells(attempt))
        }
    }

    private static func cells(_ attempt: Attempt?) -> [Cell] {
        guard let attempt else { return after.map { _ in .empty } }
        let result = attempt.result
        func time(_ seconds: Double?) -> Cell {
            seconds.map { .number($0, written: rounded($0, 6)) } ?? .empty
        }
        return [
            .integer(attempt.attempt),
            result?.exit.map { .integer(Int($0)) } ?? .empty,
            result?.signal.map { .integer(Int($0)) } ?? .empty,
            .number(attempt.start, written: rounded(attempt.start, 3)),
            time(attempt.duration),
            time(result?.userTime),
            time(result?.systemTime),
            result.map { .integer($0.peakMemory) } ?? .empty,
            .text(attempt.host),
            attempt.taskID.map { .integer($0) } ?? .empty,
            attempt.device.map { .text($0) } ?? .empty,
        ]
    }

    /// The metrics in the order of the sweep file, then those that only commands know of.
    private func metricNames() throws -> [String] {
        let named = stage.settings.metrics.map(\.name)
        var others: Set<String> = []
        try forEachAttempt { _, _, attempt in
            others.formUnion((attempt?.result?.metrics ?? [:]).keys)
        }
        return named + others.subtracting(named).sorted()
    }

    /// The table of all its rows.
    func table(where isWanted: (Attempt?) -> Bool) throws -> ResultsTable {
        var table = ResultsTable(columns: [])
        try forEachRow(where: isWanted) {
            table = ResultsTable(columns: $0)
        } row: {
            table.append($0)
        }
        return table
    }

    // MARK: Files

    /// Writes `results.csv`.
    func writeResults(to path: String) throws {
        let file = try StreamedFile(path)
        try forEachRow {
            try file.write(Array(TextTable.csvLine($0).utf8))
        } row: { row in
            try file.write(Array(TextTable.csvLine(row.map(\.text)).utf8))
        }
        try file.finish()
    }

    /// Writes a log in the form of GNU parallel's, without the jobs that did not run to their end.
    func writeJoblog(to path: String, previousResults: String) throws {
        let file = try StreamedFile(path)
        try file.write(Array(Joblog.header.utf8))
        try forEachAttempt { number, parameters, attempt in
            guard let attempt, attempt.state != .cancelled else { return }
            var places = CommandContext(parameters: parameters, job: number + 1)
            places.taskID = attempt.taskID
            places.device = attempt.device.map { String($0.drop { $0 != "=" }.dropFirst()) } ?? ""
            places.attempt = attempt.attempt
            places.runDirectory = directory
            places.previousResults = previousResults
            let record = JoblogRecord(
                number: number + 1,
                host: attempt.host,
                start: attempt.start,
                seconds: attempt.duration,
                exitCode: Int(attempt.result?.exit ?? (attempt.result?.signal == nil ? 127 : 0)),
                signal: Int(attempt.result?.signal ?? 0),
                received: attempt.result?.out.length ?? 0,
                command: stage.settings.command.commandLine(places)
            )
            try file.write(record.line)
        }
        try file.finish()
    }
}

extension Cell {
    /// A parameter's value.
    init(_ value: ParameterValue) {
        self =
            switch value.kind {
            case .null: .empty
            case .text, .json: .text(value.text)
            case .boolean, .integer, .float: Cell(text: value.text)
            }
    }
}
