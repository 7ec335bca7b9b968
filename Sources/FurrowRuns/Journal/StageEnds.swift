import FurrowSystem
import Synchronization

/// How the stages of a run ended, as rank 0 heard it: how many jobs succeeded, for a status of 0 means
/// that every success was found in the journal. On rank 0.
package final class StageEnds: Sendable {
    private let taken = Mutex<[RemovedWorker]>([])
    private let stages = Mutex<[JournalIndex.Stage: (succeeded: Int, parameters: [String])]>([:])

    /// Notes how a stage ended.
    ///
    /// - Parameters:
    ///   - counts: how its jobs ended, with those that had succeeded before.
    ///   - parameters: the names of the jobs' parameters, as they are declared.
    ///   - stage: the stage.
    package func note(
        _ counts: StageFailure.Counts,
        _ parameters: [String],
        of stage: StageIdentity
    ) {
        let stage = JournalIndex.Stage(name: stage.name, occurrence: stage.occurrence)
        stages.withLock { $0[stage] = (counts.succeeded + counts.kept, parameters) }
    }

    /// Notes workers that were taken out of a stage.
    package func note(_ removed: [RemovedWorker]) { taken.withLock { $0 += removed } }

    /// The workers that were taken out of the stages that ended.
    package var removed: [RemovedWorker] { taken.withLock { $0 } }

    /// Whether a stage has ended in this run.
    package func heard(of stage: JournalIndex.Stage) -> Bool {
        stages.withLock { $0[stage] != nil }
    }

    /// The names of a stage's parameters, as they are declared; none if it has not ended.
    package func parameters(of stage: JournalIndex.Stage) -> [String] {
        stages.withLock { $0[stage]?.parameters ?? [] }
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
        let heard = stages.withLock { $0[stage]?.succeeded } ?? 0
        guard recorded < heard else { return }
        throw RunFault(
            "\(heard) jobs of stage '\(stage.label)' have succeeded, and \(directory)/journal has "
                + "\(recorded) of them: its files were removed or damaged, or this host does "
                + "not see them yet; --resume runs what is missing again"
        )
    }
}
