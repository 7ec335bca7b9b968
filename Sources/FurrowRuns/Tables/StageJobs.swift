/// The jobs of a stage that are in the journal, by their numbers.
package struct StageJobs {
    /// The final record of each, in the order of their numbers, from 0.
    package private(set) var all: [(number: Int, entry: JournalIndex.Entry)] = []
    /// How they differ from those of the journal, because the sweep has changed since.
    package private(set) var changes: StageChanges

    /// - Parameters:
    ///   - index: the journal.
    ///   - stage: one of its stages.
    ///   - plan: knows the jobs' numbers.
    /// - Throws: if the journal cannot be read.
    package init(
        in index: JournalIndex,
        of stage: JournalIndex.Stage,
        as plan: some StagePlan
    ) throws {
        changes = StageChanges(of: stage)
        guard let place = index.stages.firstIndex(of: stage) else { return }
        let reader = JournalReader(index)
        for (id, entry) in index.entries where Int(entry.stage) == place {
            let number = try plan.number(of: id, recordedAs: entry.job - 1) {
                try reader.attempt(at: entry).parameters
            }
            guard let number else {
                changes.removed.insert(id)
                continue
            }
            all.append((number, entry))
            if number + 1 != entry.job { changes.numbers[id] = number + 1 }
        }
        all.sort { ($0.number, $0.entry.start) < ($1.number, $1.entry.start) }
    }
}
