import Foundation
import FurrowCore
import FurrowRuns
import FurrowSystem
import MPI

/// Opens a run on rank 0: makes or finds its directory, locks it, and begins its record.
struct RunOpening {
    /// What the other ranks must know.
    struct Shared: Codable {
        /// The run's directory, absolute.
        var directory: String
        /// Whether jobs that failed before are not run again.
        var keepsFailures: Bool
    }

    let shared: Shared
    let lock: RunLock
    let record: RunRecord
    /// Whether a report is written at the end.
    let hasReport: Bool
    let metrics: RunMetrics.Target?
    let notice: RunNotice?

    /// - Parameters:
    ///   - request: which run.
    ///   - ranks: those that take part.
    ///   - options: how stages run.
    ///   - prepare: adds files to the directory while the lock is held.
    /// - Throws: ``UsageError`` if the directory must not be used, or the error of the system.
    init(
        _ request: RecordedRun.Request,
        _ ranks: [RunRecord.Rank],
        _ options: RunOptions,
        prepare: (_ directory: String) throws -> Void
    ) throws {
        let (directory, new) = try request.options.directory(for: request.name)
        hasReport = !request.options.noReport
        metrics = try request.options.metrics.map {
            RunMetrics.Target(
                path: try Self.checkedMetrics($0),
                name: request.name,
                directory: directory
            )
        }
        notice = request.options.notify.map {
            RunNotice(command: $0, name: request.name, directory: directory)
        }
        shared = Shared(directory: directory, keepsFailures: request.options.keepFailed)
        var taken: RunLock?
        do {
            try Self.refuseForeignFiles(in: directory)
            let layout = RunLayout(directory)
            try Durability.makeFolders(layout.journal, layout.output)
            let lock = try RunLock(directory)
            taken = lock
            try EarlierRanks.waitForEnd(
                of: RunRecord.earlierRanks(of: directory),
                in: directory,
                idle: lock.idle
            )
            if request.options.resume == nil, try Self.hasRecords(directory) {
                throw UsageError("\(directory) already has a run; add --resume to resume it")
            }
            try JobMark.recordDeaths(in: directory)
            try prepare(directory)
            record = try Self.begunRecord(request, ranks, options, in: directory)
            self.lock = lock
        } catch {
            taken?.release()
            // Nothing is left of a run that has not begun.
            if (try? RunFinder.isRun(directory)) == false { new?.remove() }
            throw error
        }
    }

    /// Writes the record of a run that begins or is resumed.
    private static func begunRecord(
        _ request: RecordedRun.Request,
        _ ranks: [RunRecord.Rank],
        _ options: RunOptions,
        in directory: String
    ) throws -> RunRecord {
        var record = RunRecord(
            name: request.name,
            kind: request.kind,
            stages: request.stages,
            ranks: ranks,
            schedule: options.schedule.description,
            onFailure: options.onFailure.rawValue
        )
        record.mpi = MPISession.libraryVersion
        let skipped = request.options.skipped
        record.skipped = skipped.isEmpty ? nil : skipped.sorted()
        if try RunFinder.isRun(directory) {
            record.starts = try RunRecord.earlierStarts(of: directory) + record.starts
        }
        try record.write(to: directory)
        return record
    }

    /// A run that begins in a folder of the user's must not write over what is there.
    ///
    /// - Throws: ``UsageError`` where the folder has a file of a run's name, and no run.
    private static func refuseForeignFiles(in directory: String) throws {
        let layout = RunLayout(directory)
        // Both are the first that a run makes.
        let hasBegun = try [layout.journal, layout.output].allSatisfy(Presence.of)
        guard !hasBegun, try !RunFinder.isRun(directory),
            let name = try Presence.names(in: directory).first(where: RunLayout.writes)
        else { return }
        throw UsageError(
            "\(directory) is not a run's directory, and has a file '\(name)', which a run would write "
                + "over; name an empty or a new directory with --run-dir"
        )
    }

    /// Whether a directory has a run that must not be taken for a new one: not if it was refused for
    /// its configuration, say, before any job ended.
    private static func hasRecords(_ directory: String) throws -> Bool {
        guard try RunFinder.isRun(directory) else { return false }
        let run = try RunReader(of: directory)
        return !run.index.entries.isEmpty || run.record?.state != .failed
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
