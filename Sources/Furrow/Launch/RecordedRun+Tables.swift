import Foundation

extension RecordedRun {
    /// Writes the tables of a typed application's stages from the journal. On rank 0.
    ///
    /// - Parameters:
    ///   - directory: the application's directory; its own table is not overwritten.
    ///   - hasFailed: whether the run has already failed; that failure is then the one reported.
    func writeTables(of directory: RunDirectory, hasFailed: Bool) throws {
        do {
            let reader = try RunReader(of: self.directory)
            let begun = reader.stages.filter {
                reader.index.stages.contains($0) || ends.heard(of: $0)
            }
            for stage in begun {
                let plan = RecordedPlan(total: reader.total(of: stage))
                let table = try StageTable(of: reader, stage, as: plan)
                let files = StageFiles(
                    in: self.directory,
                    stage: stage.label,
                    isAlone: reader.stages.count == 1,
                    isLast: stage == begun.last,
                    ends: ends,
                    keepsResults: directory.wasAsked(for: RunLayout.resultsName)
                )
                var counts = try files.write(table)
                // A stage begins only when all jobs of the one before have succeeded.
                if stage != begun.last || !hasFailed {
                    counts.total = counts.succeeded + counts.failed
                }
                note(counts)
            }
        } catch  where hasFailed {
            StandardError.write("Warning: \(message(of: error))")
        }
    }
}

extension Error {
    /// Whether every rank has met this error, so that none waits for another.
    var isAgreed: Bool { self is ParallelExecutionError || self is SerialExecutionError }
}
