import Foundation
import FurrowCore
package import FurrowRuns
import FurrowSystem
package import FurrowViews
import MPI

/// A recorded run: its directory, its lock, and its record.
@MPIActor
package final class RecordedRun {
    /// The run's directory, absolute. The same on every rank.
    package nonisolated let directory: String
    private let world: Communicator
    /// How the run's stages ended.
    package let ends: StageEnds
    /// What rank 0 did for the run's stages.
    package let phases: RunPhases
    private let lock: RunLock?
    private var record: RunRecord?
    /// Whether a report is written at the end.
    let hasReport: Bool
    /// Reads the run for tables and the report. On rank 0.
    var reader: RunReader?
    /// The report's parts of the stages whose tables were written.
    var reportParts: [JournalIndex.Stage: StageReport.Part] = [:]
    private let metrics: RunMetrics.Target?
    private let notice: RunNotice?
    /// The stages of the report; default: what the record and the journal know of them.
    package var reportStages: (RunReader) throws -> [RunFacts.PlannedStage] = { reader in
        reader.stages.map { ($0, reader.recordedPlan(of: $0)) }
    }

    private init(_ world: Communicator, _ journal: Journal, _ opening: RunOpening?) {
        self.world = world
        directory = journal.directory
        ends = journal.ends
        phases = journal.phases
        lock = opening?.lock
        record = opening?.record
        hasReport = opening?.hasReport ?? false
        metrics = opening?.metrics
        notice = opening?.notice
    }

    /// Makes or finds the run's directory, locks it, and tells every rank. Collective.
    ///
    /// - Parameters:
    ///   - world: all ranks.
    ///   - options: how stages run; receives the journal and the directory.
    ///   - request: which run; called on rank 0 only.
    ///   - prepare: adds files to the directory while the lock is held; called on rank 0 only.
    /// - Throws: ``ParallelExecutionError``, the same on every rank.
    package static func open(
        _ world: Communicator,
        _ options: inout RunOptions,
        as request: () throws -> Request,
        prepare: (_ directory: String) throws -> Void = { _ in }
    ) throws -> RecordedRun {
        let ranks = try ranks(of: world, options)
        var opening: RunOpening?
        let shared = try world.share { () throws -> RunOpening.Shared in
            let opened = try RunOpening(try request(), ranks, options, prepare: prepare)
            opening = opened
            return opened.shared
        }
        let journal = Journal(directory: shared.directory, keepsFailures: shared.keepsFailures)
        options.journal = journal
        options.directory = RunDirectory(at: shared.directory)
        options.metrics = opening?.metrics
        if let notice = opening?.notice { options.onFirstFailure = { notice.tell(of: $0) } }
        return RecordedRun(world, journal, opening)
    }

    private static func ranks(
        of world: Communicator,
        _ options: RunOptions
    ) throws -> [RunRecord.Rank] {
        let device = try world.place(options).device
        let own = RunRecord.Rank(
            rank: world.rank,
            host: world.host,
            device: device?.description
        )
        return try world.gather(own)
    }

    /// Adds the counts of a stage to the record. On rank 0.
    package func note(_ counts: RunRecord.StageCounts) {
        let others = record?.counts?.filter { $0.stage != counts.stage } ?? []
        record?.counts = others + [counts]
    }

    /// Records how the run ended and unlocks the directory. Call it on every rank. Collective only
    /// if the run succeeded: an error may concern one rank alone.
    ///
    /// - Parameter error: the run's error; `nil` for success.
    /// - Throws: ``ParallelExecutionError``, the same on every rank, if the end of a successful run
    ///   cannot be recorded.
    package func close(_ error: (any Error)?) async throws {
        guard let error else {
            var record: RunRecord?
            _ = try world.agree(blaming: .journal) {
                record = try self.record(.succeeded, status: 0)
            }
            if let record { await notice?.tell(ofEnd: record) }
            return
        }
        let failure =
            (error as? ParallelExecutionError)?.failure ?? (error as? SerialExecutionError)?.failure
        do {
            let record = try record(
                failure?.cause == .interrupted || failure?.cause == .loss ? .interrupted : .failed,
                status: failure?.exitStatus ?? 70
            )
            if let record { await notice?.tell(ofEnd: record) }
        } catch {
            // The error that ended the run is reported on every rank, whatever followed from it.
            StandardError.write("Warning: \(message(of: error))")
        }
    }

    /// Records the end, once. On rank 0.
    /// - Returns: the record, on rank 0.
    private func record(_ state: RunRecord.State, status: Int32) throws -> RunRecord? {
        guard var record else { return nil }
        self.record = nil
        defer { lock?.release() }
        record.state = state
        record.status = status
        record.end = StateFile.now
        record.phases = phases.all
        record.removed = ends.removed.isEmpty ? nil : ends.removed
        try record.write(to: directory)
        if hasReport { writeReport() }
        if let metrics {
            do {
                try RunMetrics(metrics, try RunState(of: directory), record: record).write()
            } catch {
                StandardError.write("Warning: \(message(of: error))")
            }
        }
        return record
    }
}
