import Furrow
import FurrowRuns
import FurrowSweeps
import FurrowViews

/// The stages of a run and their jobs, for a sweep or a typed application.
package struct RecordedStages {
    /// Reads the run.
    private(set) var run: RunReader
    /// Its sweep; `nil` for a typed application.
    private let sweep: Sweep?
    /// How the sweep's stages were defined.
    private let definitions: StageDefinitions?

    /// - Parameters:
    ///   - directory: the run's directory.
    ///   - keepsAttempts: whether to keep all attempts while the journal is read.
    /// - Throws: if it has no run, or the run cannot be read.
    package init(of directory: String, keepsAttempts: Bool = false) throws {
        run = try RunReader(of: directory, keepsAttempts: keepsAttempts)
        sweep = try Self.sweep(of: run)
        definitions = sweep == nil ? nil : try StageDefinitions(of: directory)
    }

    /// - Parameters:
    ///   - run: reads the run.
    ///   - sweep: its sweep.
    ///   - definitions: how the sweep's stages were defined.
    init(of run: RunReader, _ sweep: Sweep, _ definitions: StageDefinitions?) {
        self.run = run
        self.sweep = sweep
        self.definitions = definitions
    }

    private static func sweep(of run: RunReader) throws -> Sweep? {
        switch run.record?.kind {
        case .typed: return nil
        case .sweep: return try Sweep(reopening: run.directory)
        case nil:
            // Version 0.1 did not record the kind, and saved the input of both as a sweep.
            do {
                return try Sweep(reopening: run.directory)
            } catch let error as ConfigurationError {
                guard !run.index.entries.isEmpty else { throw error }
                return nil
            }
        }
    }

    /// Reads the lines added since.
    mutating func refresh() throws { try run.refresh() }

    /// The stages, in order.
    var all: [JournalIndex.Stage] {
        guard let sweep else { return run.stages }
        return sweep.stages.map { JournalIndex.Stage(name: $0.settings.name, occurrence: 1) }
    }

    /// A stage by name; the last, if `nil`: of a typed application, that has begun.
    ///
    /// - Throws: ``Furrow/UsageError`` where there is no such stage.
    func stage(_ name: String?) throws -> JournalIndex.Stage {
        guard let sweep else { return try run.stage(name) }
        guard let name else { return all[sweep.stages.count - 1] }
        return try JournalIndex.Stage.find(name, among: all)
    }

    /// What is known of a stage's jobs beyond the journal.
    func plan(of stage: JournalIndex.Stage) -> any StagePlan {
        if let planned = sweep?.stages.first(where: { $0.settings.name == stage.name }) {
            let before = place(of: stage) - 2
            return SweepPlan(
                planned,
                in: run.directory,
                definitions: definitions,
                previousResults: before < 0
                    ? "" : RunLayout(run.directory).results(of: all[before].label)
            )
        }
        return run.recordedPlan(of: stage)
    }

    /// All stages with their plans, as views of the run need them.
    var planned: [RunFacts.PlannedStage] { all.map { ($0, plan(of: $0)) } }

    /// A stage's number among all stages, from 1.
    func place(of stage: JournalIndex.Stage) -> Int {
        (all.firstIndex(of: stage) ?? 0) + 1
    }

    /// Whether the jobs are commands.
    var areCommands: Bool { sweep != nil }

    /// The jobs of a stage as rows.
    func table(of stage: JournalIndex.Stage) throws -> StageTable {
        try StageTable(of: run, stage, as: plan(of: stage))
    }

    /// The jobs of a stage that are in the journal, by their numbers.
    func jobs(
        of stage: JournalIndex.Stage,
        as plan: any StagePlan
    ) throws -> [(number: Int, entry: JournalIndex.Entry)] {
        try StageJobs(in: run.index, of: stage, as: plan).all
    }

    /// The counts of a stage's jobs.
    func counts(of stage: JournalIndex.Stage) throws -> RunRecord.StageCounts {
        let plan = plan(of: stage)
        var counts = RunRecord.StageCounts(stage: stage.label, total: plan.total)
        for (number, entry) in try jobs(of: stage, as: plan) {
            counts.count(entry.state)
            // One that ended in an earlier start, and is not to run now.
            if !plan.isPlanned(number) { counts.total = counts.total.map { $0 + 1 } }
        }
        return counts
    }
}
