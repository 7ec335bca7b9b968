import FurrowSystem

/// A stage's jobs as rows: their numbers, parameters, state and results, and how they ran.
package struct StageTable {
    /// A job's record in the journal.
    package typealias Attempt = (record: JournalRecord, parameters: JSON, result: JSON?)

    /// One job of the table.
    package struct Job {
        /// From 0.
        package let number: Int
        /// `nil` for a job that has not ended.
        package let attempt: Attempt?
    }

    /// Up to this many jobs stay in memory between the pass for the columns and the pass for the
    /// rows; beyond that, each is read again.
    private static let mostKept = 200_000

    private static let before = ["job"]
    private static let after = [
        "attempt", "exit", "signal", "start", "duration", "user_time", "system_time",
        "peak_memory", "host", "task_id", "device",
    ]

    /// The stage.
    package let stage: JournalIndex.Stage
    private let plan: any StagePlan
    private let reader: JournalReader
    private var jobs: [(number: Int, entry: JournalIndex.Entry)] = []
    private var kept: [Attempt] = []
    /// How the jobs differ from those of the journal.
    package let changes: StageChanges
    private let parameterNames: [String]
    private let resultNames: [String]
    /// The names of the columns.
    package let columns: [String]

    /// The places of the parameters in ``columns``.
    package var parameterColumns: Range<Int> { 1..<(1 + parameterNames.count) }

    /// The places of the results in ``columns``, after the state.
    package var resultColumns: Range<Int> {
        let start = parameterColumns.upperBound + 1
        return start..<(start + resultNames.count)
    }

    /// Unreadable lines of the journal; their jobs are left out.
    package private(set) var damaged: [String] = []
    /// That there are some; `nil` where there are none.
    package var warning: String? {
        damaged.isEmpty ? nil : "jobs are left out: \(damaged.listed(most: 3))"
    }

    /// How many jobs have not ended, because they have not started or are running; `nil` if
    /// unknown.
    package var openJobs: Int? {
        plan.total.map { max(0, $0 - jobs.count { plan.isPlanned($0.number) }) }
    }

    /// - Parameters:
    ///   - run: the run.
    ///   - stage: one of its stages.
    ///   - plan: information about the stage's jobs besides the journal.
    /// - Throws: if the journal cannot be read.
    package init(
        of run: RunReader,
        _ stage: JournalIndex.Stage,
        as plan: some StagePlan
    ) throws {
        self.stage = stage
        self.plan = plan
        reader = JournalReader(run.index)
        let found = try StageJobs(in: run.index, of: stage, as: plan)
        changes = found.changes
        let recorded = found.all
        var parameters = OrderedNames(plan.parameterNames ?? [])
        var results = OrderedNames([])
        for job in recorded {
            let attempt: Attempt
            do {
                attempt = try reader.attempt(at: job.entry)
            } catch let error as JournalReader.DamagedLine {
                damaged.append("\(error)")
                continue
            }
            jobs.append(job)
            if recorded.count <= Self.mostKept { kept.append(attempt) }
            if plan.parameterNames == nil {
                for member in attempt.parameters.flattened() { parameters.add(member.name) }
            }
            guard let result = attempt.result, attempt.record.state == .succeeded else { continue }
            for member in plan.results(in: result) { results.add(member.name) }
        }
        let declared = plan.parameterOrder.filter(parameters.contains)
        parameterNames = OrderedNames(declared + parameters.all).all
        // Results that were not known beforehand are sorted by name.
        let named = plan.resultNames
        let known = Set(named)
        let others =
            plan.parameterNames == nil
            ? results.all : results.all.filter { !known.contains($0) }.sorted()
        resultNames = named + others
        columns = Self.columns(parameterNames, resultNames)
    }

    /// If a result or a parameter has the name of one of our columns, a column is renamed.
    private static func columns(_ parameters: [String], _ results: [String]) -> [String] {
        var taken = Set(parameters)
        func unique(_ name: String, _ prefix: String) -> String {
            var name = name
            while !taken.insert(name).inserted { name = prefix + name }
            return name
        }
        let first = before.map { unique($0, "furrow_") }
        let state = unique("state", "furrow_")
        let shown = results.map { unique($0, "result.") }
        return first + parameters + [state] + shown + after.map { unique($0, "furrow_") }
    }

    /// How many jobs ended.
    package var endedCount: Int { jobs.count }

    /// Some of the jobs that ended, in order.
    ///
    /// - Parameters:
    ///   - isWanted: tells by a job's number, from 0.
    ///   - body: called with each of them.
    package func forEachJob(
        where isWanted: (Int) -> Bool,
        _ body: (Job) throws -> Void
    ) throws {
        for (place, job) in jobs.enumerated() where isWanted(job.number) {
            try body(Job(number: job.number, attempt: try attempt(at: place)))
        }
    }

    private func attempt(at place: Int) throws -> Attempt {
        try place < kept.count ? kept[place] : reader.attempt(at: jobs[place].entry)
    }

    /// Every job in order.
    ///
    /// - Parameters:
    ///   - includesOpen: whether to include jobs that have not ended.
    ///   - body: called with each job.
    package func forEachJob(
        includingOpen includesOpen: Bool = false,
        _ body: (Job) throws -> Void
    ) throws {
        var next = 0
        for (place, job) in jobs.enumerated() {
            while includesOpen, next < job.number {
                if plan.isPlanned(next) { try body(Job(number: next, attempt: nil)) }
                next += 1
            }
            next = job.number + 1
            try body(Job(number: job.number, attempt: try attempt(at: place)))
        }
        guard includesOpen, let count = plan.numberCount, next < count else { return }
        for number in next..<count where plan.isPlanned(number) {
            try body(Job(number: number, attempt: nil))
        }
    }

    /// The counts of the stage, still at zero.
    package var emptyCounts: RunRecord.StageCounts {
        // Those that ended in an earlier start, and are not to run now, count as well.
        let others = jobs.count { !plan.isPlanned($0.number) }
        return RunRecord.StageCounts(stage: stage.label, total: plan.total.map { $0 + others })
    }

    /// The command line of a job that ended; `nil` if it is not a command.
    package func command(of job: Job) -> [UInt8]? {
        job.attempt.flatMap { plan.command(of: job.number, $0) }
    }

    /// A job's line in GNU parallel's log; `nil` if the job did not run to its end.
    package func joblogRecord(of job: Job) -> JoblogRecord? {
        guard let attempt = job.attempt, attempt.record.state != .cancelled else { return nil }
        let record = attempt.record
        func number(_ name: String) -> Int? {
            guard case .number(let digits)? = attempt.result?[name] else { return nil }
            return Int(digits)
        }
        var received = 0
        if case .number(let digits)? = attempt.result?["out"]?["length"] {
            received = Int(digits) ?? 0
        }
        let command = plan.command(of: job.number, attempt)
        let isCommand = command != nil
        let (exit, signal) = isCommand ? (number("exit"), number("signal")) : (nil, nil)
        // A job of a typed application has no exit status, so 1 means that it failed; 127 means
        // that a command could not be started.
        let fallback =
            isCommand ? (signal == nil ? 127 : 0) : record.state == .succeeded ? 0 : 1
        return JoblogRecord(
            number: job.number + 1,
            host: record.host,
            start: record.start,
            seconds: record.duration,
            exitCode: exit ?? fallback,
            signal: signal ?? 0,
            received: isCommand ? received : 0,
            command: command ?? Array("\(stage.name) \(attempt.parameters)".utf8)
        )
    }

    /// A job's row, a cell for each of ``columns``.
    package func row(of job: Job) -> [Cell] {
        var cells: [Cell] = [.integer(job.number + 1)]
        let known = plan.parameters(at: job.number)
        let members = known ?? job.attempt?.parameters.flattened().map { ($0.name, Cell($0.value)) }
        cells += Self.cells(parameterNames, of: members ?? [])
        cells.append(.text(job.attempt?.record.state.rawValue ?? "not run"))
        let results = job.attempt?.result.map(plan.results) ?? []
        cells += Self.cells(resultNames, of: results.map { ($0.name, Cell($0.value)) })
        return cells + Self.cells(of: job.attempt)
    }

    private static func cells(_ names: [String], of members: [(name: String, value: Cell)])
        -> [Cell]
    {
        // Mostly they stand in the order of the columns.
        if names.elementsEqual(members.lazy.map(\.name)) { return members.map(\.value) }
        let values = Dictionary(members.map { ($0.name, $0.value) }) { $1 }
        return names.map { values[$0] ?? .empty }
    }

    private static func cells(of attempt: Attempt?) -> [Cell] {
        guard let (record, _, result) = attempt else { return after.map { _ in .empty } }
        func cell(_ name: String) -> Cell { result?[name].map { Cell($0) } ?? .empty }
        func time(_ name: String) -> Cell {
            guard case .number(let digits)? = result?[name], let seconds = Double(digits) else {
                return .empty
            }
            return .number(seconds, written: rounded(seconds, 6))
        }
        return [
            .integer(record.attempt), cell("exit"), cell("signal"),
            .number(record.start, written: rounded(record.start, 3)),
            .number(record.duration, written: rounded(record.duration, 6)),
            time("user_time"), time("system_time"), cell("peak_memory"),
            .text(record.host),
            record.taskID.map { .integer($0) } ?? .empty,
            record.device.map { .text($0) } ?? .empty,
        ]
    }
}

/// Names in order of appearance, each once.
private struct OrderedNames {
    private(set) var all: [String]
    private var known: Set<String>

    init(_ names: [String]) {
        all = []
        known = []
        for name in names { add(name) }
    }

    func contains(_ name: String) -> Bool { known.contains(name) }

    mutating func add(_ name: String) {
        if known.insert(name).inserted { all.append(name) }
    }
}
