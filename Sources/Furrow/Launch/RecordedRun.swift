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
    private(set) var hasReport = false
    /// Reads the run for tables and the report. On rank 0.
    var reader: RunReader?
    /// The report's parts of the stages whose tables were written.
    var reportParts: [JournalIndex.Stage: StageReport.Part] = [:]
    private var metrics: RunMetrics.Target?
    private var notice: RunNotice?
    /// The stages of the report; default: what the record and the journal know of them.
    package var reportStages: (RunReader) throws -> [RunFacts.PlannedStage] = { reader in
        reader.stages.map { ($0, reader.recordedPlan(of: $0)) }
    }

    private init(
        _ world: Communicator,
        _ journal: Journal,
        _ lock: RunLock?,
        _ record: RunRecord?
    ) {
        self.world = world
        directory = journal.directory
        ends = journal.ends
        phases = journal.phases
        self.lock = lock
        self.record = record
    }

    /// The name and the options that decide which run is opened.
    package struct Request {
        /// The name of the runs of this program or sweep.
        package var name: String
        /// Their kind.
        package var kind: RunRecord.Kind
        /// The names of the stages.
        package var stages: [String]
        /// The command line's options.
        package var options: RunnerOptions

        /// - Parameters:
        ///   - name: the name of the runs of this program or sweep.
        ///   - kind: their kind.
        ///   - stages: the names of the stages.
        ///   - options: the command line's options.
        package init(
            name: String,
            kind: RunRecord.Kind,
            stages: [String],
            options: RunnerOptions
        ) {
            self.name = name
            self.kind = kind
            self.stages = stages
            self.options = options
        }
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
        var lock: RunLock?
        var record: RunRecord?
        var hasReport = false
        var metrics: RunMetrics.Target?
        var notice: RunNotice?
        let (directory, keepsFailures) = try world.share { () throws -> ChosenDirectory in
            let request = try request()
            hasReport = !request.options.noReport
            let (directory, new) = try request.options.directory(for: request.name)
            metrics = try request.options.metrics.map {
                RunMetrics.Target(
                    path: try checkedMetrics($0),
                    name: request.name,
                    directory: directory
                )
            }
            notice = request.options.notify.map {
                RunNotice(command: $0, name: request.name, directory: directory)
            }
            do {
                try refuseForeignFiles(in: directory)
                let layout = RunLayout(directory)
                try Durability.makeFolders(layout.journal, layout.output)
                let taken = try RunLock(directory)
                lock = taken
                try EarlierRanks.waitForEnd(
                    of: RunRecord.earlierRanks(of: directory),
                    in: directory,
                    idle: taken.idle
                )
                if request.options.resume == nil, try hasRecords(directory) {
                    throw UsageError(
                        "\(directory) already has a run; add --resume to resume it"
                    )
                }
                try JobMark.recordDeaths(in: directory)
                try prepare(directory)
                var started = RunRecord(
                    name: request.name,
                    kind: request.kind,
                    stages: request.stages,
                    ranks: ranks,
                    schedule: options.schedule.description,
                    onFailure: options.onFailure.rawValue
                )
                started.mpi = MPISession.libraryVersion
                let skipped = request.options.skipped
                started.skipped = skipped.isEmpty ? nil : skipped.sorted()
                if RunFinder.isRun(directory) {
                    started.starts =
                        try RunRecord.earlierStarts(of: directory) + started.starts
                }
                try started.write(to: directory)
                record = started
            } catch {
                lock?.release()
                // Nothing is left of a run that has not begun.
                if !RunFinder.isRun(directory) { new?.remove() }
                throw error
            }
            return ChosenDirectory(directory: directory, keepsFailures: request.options.keepFailed)
        }.parts
        let journal = Journal(directory: directory, keepsFailures: keepsFailures)
        options.journal = journal
        options.directory = RunDirectory(at: directory)
        options.metrics = metrics
        if let notice { options.onFirstFailure = { notice.tell(of: $0) } }
        let run = RecordedRun(world, journal, lock, record)
        run.hasReport = hasReport
        run.metrics = metrics
        run.notice = notice
        return run
    }

    /// A run that begins in a folder of the user's must not write over what is there.
    ///
    /// - Throws: ``UsageError`` where the folder has a file of a run's name, and no run.
    private static func refuseForeignFiles(in directory: String) throws {
        let layout = RunLayout(directory)
        let files = FileManager.default
        // Both are the first that a run makes.
        let hasBegun = [layout.journal, layout.output].allSatisfy(files.fileExists(atPath:))
        guard !hasBegun, !RunFinder.isRun(directory),
            let name = try files.contentsOfDirectory(atPath: directory).sorted()
                .first(where: RunLayout.writes)
        else { return }
        throw UsageError(
            "\(directory) is not a run's directory, and has a file '\(name)', which a run would write "
                + "over; name an empty or a new directory with --run-dir"
        )
    }

    /// Whether a directory has a run that must not be taken for a new one: not if it was refused for
    /// its configuration, say, before any job ended.
    private static func hasRecords(_ directory: String) throws -> Bool {
        guard RunFinder.isRun(directory) else { return false }
        let run = try RunReader(of: directory)
        return !run.index.entries.isEmpty || run.record?.state != .failed
    }

    private struct ChosenDirectory: Codable {
        var directory: String
        var keepsFailures: Bool
        var parts: (String, Bool) { (directory, keepsFailures) }
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

    /// Finds out before the first job whether the file can be written.
    private static func checkedMetrics(_ path: String) throws -> String {
        let folder = path.folderOfPath
        guard !path.nameOfPath.isEmpty, !FolderPath.isFolder(path),
            FolderPath.isFolder(folder.isEmpty ? "." : folder)
        else { throw UsageError("--metrics '\(path)': must be a file in a folder that exists") }
        return path
    }
}

extension RunnerOptions {
    /// Whether to record the run, for an application that does not do so by default.
    var isRecorded: Bool { runDir != nil || resume != nil }

    /// The directory named by these options, absolute.
    ///
    /// - Returns: also what made it, if it is a new one under ``runsDir``.
    func directory(for name: String) throws -> (path: String, new: RunDirectory?) {
        let path: String
        var new: RunDirectory?
        switch (runDir, resume) {
        case (let runDir?, _):
            path = runDir
        case (nil, .run(let run)?):
            path = try RunFinder.find(run, under: runsDir)
        case (nil, let resume):
            let newest = resume == nil ? nil : try? RunFinder.find(name, under: runsDir)
            let made = RunDirectory(under: runsDir, name: name)
            path = try newest ?? made.directory()
            if newest == nil { new = made }
        }
        return (try FolderPath.making(path), new)
    }
}
