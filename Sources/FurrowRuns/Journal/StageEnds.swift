import FurrowSystem
import Synchronization

/// How many jobs of each stage rank 0 heard to have succeeded, for the end of the run: a status of 0
/// means that every success was found in the journal. On rank 0.
package final class StageEnds: Sendable {
    private let taken = Mutex<[RemovedWorker]>([])
    private let succeeded = Mutex<[JournalIndex.Stage: Int]>([:])

    /// Notes how the jobs of a stage ended, with those that had succeeded before.
    package func note(_ counts: StageFailure.Counts, of stage: StageIdentity) {
        let stage = JournalIndex.Stage(name: stage.name, occurrence: stage.occurrence)
        succeeded.withLock { $0[stage] = counts.succeeded + counts.kept }
    }

    /// Notes workers that were taken out of a stage.
    package func note(_ removed: [RemovedWorker]) { taken.withLock { $0 += removed } }

    /// The workers that were taken out of the stages that ended.
    package var removed: [RemovedWorker] { taken.withLock { $0 } }

    /// Whether a stage has ended in this run.
    package func heard(of stage: JournalIndex.Stage) -> Bool {
        succeeded.withLock { $0[stage] != nil }
    }

    /// Compares what the journal says with what was heard.
    ///
    /// - Parameters:
    ///   - recorded: how many jobs of a stage have succeeded by the journal.
    ///   - stage: the stage.
    ///   - directory: the run's directory.
    /// - Throws: ``RunFault`` where jobs are missing.
    func compare(
        _ recorded: Int,
        of stage: JournalIndex.Stage,
        in directory: String
    ) throws(RunFault) {
        let heard = succeeded.withLock { $0[stage] } ?? 0
        guard recorded < heard else { return }
        throw RunFault(
            "\(heard) jobs of stage '\(stage.label)' have succeeded, and \(directory)/journal has "
                + "\(recorded) of them: its files were removed or damaged, or this host does "
                + "not see them yet; --resume runs what is missing again"
        )
    }
}
