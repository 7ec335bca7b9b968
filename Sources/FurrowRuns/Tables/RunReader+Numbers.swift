extension RunReader {
    /// The jobs of a stage whose number, from 1, is no longer the recorded one, because the sweep
    /// has changed since.
    ///
    /// - Parameter plan: knows the jobs' numbers.
    /// - Throws: if the journal cannot be read.
    package func renumberedJobs(
        of stage: JournalIndex.Stage,
        as plan: some StagePlan
    ) throws -> [JobIdentity: Int] {
        guard let place = index.stages.firstIndex(of: stage) else { return [:] }
        let reader = JournalReader(index)
        var numbers: [JobIdentity: Int] = [:]
        for (id, entry) in index.entries where Int(entry.stage) == place {
            let number = try plan.number(of: id, recordedAs: entry.job - 1) {
                try reader.attempt(at: entry).parameters
            }
            if let number, number + 1 != entry.job { numbers[id] = number + 1 }
        }
        return numbers
    }
}
