import Foundation
package import FurrowRuns
import FurrowViews

extension RecordedRun {
    /// Writes the tables of a stage that ended, and makes the stage's part of the report from the
    /// same walk over its jobs. On rank 0.
    ///
    /// - Parameters:
    ///   - stage: the stage.
    ///   - plan: what is known of its jobs beyond the journal.
    ///   - files: the files.
    ///   - joblog: a further path for the log of the last stage.
    /// - Returns: the counts of the jobs.
    /// - Throws: if the journal cannot be read or lacks jobs, or a file cannot be written.
    package func writeTables(
        of stage: JournalIndex.Stage,
        as plan: some StagePlan,
        to files: StageFiles,
        joblog: String? = nil
    ) throws -> RunRecord.StageCounts {
        let table = try StageTable(of: try upToDateReader(), stage, as: plan)
        guard hasReport else { return try files.write(table, joblog: joblog) }
        var report = StageReport(of: table)
        let counts = try files.write(table, joblog: joblog) { report.add($0, $1) }
        reportParts[stage] = try report.part()
        return counts
    }

    /// Writes the tables of a typed application's stages from the journal. On rank 0.
    ///
    /// - Parameters:
    ///   - directory: the application's directory; its own table is not overwritten.
    ///   - hasFailed: whether the run has already failed; that failure is then the one reported.
    func writeTables(of directory: RunDirectory, hasFailed: Bool) throws {
        do {
            let reader = try upToDateReader()
            let begun = reader.stages.filter {
                reader.index.stages.contains($0) || ends.heard(of: $0)
            }
            for stage in begun {
                let files = StageFiles(
                    in: self.directory,
                    stage: stage.label,
                    isAlone: reader.stages.count == 1,
                    isLast: stage == begun.last,
                    ends: ends,
                    keepsResults: directory.wasAsked(for: RunLayout.resultsName)
                )
                let parameters = ends.parameters(of: stage)
                let plan = reader.recordedPlan(of: stage, parameters: parameters)
                var counts = try writeTables(of: stage, as: plan, to: files)
                // A stage begins only when all jobs of the one before have succeeded.
                if stage != begun.last || !hasFailed {
                    counts.total = counts.succeeded + counts.failed
                }
                if !parameters.isEmpty { counts.parameters = parameters }
                note(counts)
            }
        } catch  where hasFailed {
            StandardError.write("Warning: \(message(of: error))")
        }
    }

    /// A report that cannot be written is not worth a run.
    func writeReport() {
        do {
            let reader = try upToDateReader()
            try RunReport(of: reader, try reportStages(reader), with: reportParts).write()
        } catch {
            StandardError.write(
                "Warning: the report could not be written: \(message(of: error)); "
                    + "'furrow report' writes it later"
            )
        }
    }

    /// The run with all lines of its journal, each of which is read once.
    private func upToDateReader() throws -> RunReader {
        // In place: a copy of the index would be as large as the journal's jobs are many.
        try reader?.refresh()
        if let reader { return reader }
        let new = try RunReader(of: directory, keepsAttempts: hasReport)
        reader = new
        return new
    }
}

extension Error {
    /// Whether every rank has met this error, so that none waits for another.
    var isAgreed: Bool { self is ParallelExecutionError || self is SerialExecutionError }
}
