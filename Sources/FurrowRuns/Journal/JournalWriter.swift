import Foundation
package import FurrowSystem
import Synchronization
import SystemPackage

/// A worker's part of the journal: an append-only file with one line per attempt.
///
/// A line is written before its job counts as finished, so a killed process loses no finished job.
/// It is synced to disk at once after an attempt of a second or more, and within a second after
/// shorter ones. So after a node dies, at most its last second of short jobs is repeated.
package final class JournalWriter: Sendable {
    private static let syncInterval = Duration.seconds(1)

    private struct State: Sendable {
        var file: OpenFile?
        var isSynced = true
        /// Whether the file is known to end with a whole line.
        var isWhole = false
        /// The error of a sync in the background.
        var fault: FileError?
    }

    /// Syncs files that the lines refer to.
    package typealias BeforeSync = @Sendable () throws(FileError) -> Void

    /// The file.
    package let path: String
    private let state = Mutex(State())
    private let beforeSync: BeforeSync?

    /// - Parameters:
    ///   - directory: the run's directory.
    ///   - rank: the rank that writes; each has its own file.
    ///   - beforeSync: syncs files that the lines refer to; called before each sync of the lines.
    package init(
        in directory: String,
        rank: Int,
        beforeSync: BeforeSync? = nil
    ) {
        self.beforeSync = beforeSync
        path = RunLayout(directory).journal(rank: rank)
    }

    /// Adds a line.
    ///
    /// - Parameters:
    ///   - line: the line, with its line feed.
    ///   - duration: how long the attempt took.
    /// - Throws: if it cannot be written completely, or an earlier line could not be synced.
    package func append(_ line: [UInt8], after duration: Duration) throws(FileError) {
        let needsSync = try state.withLock { (state) throws(FileError) -> Bool in
            if let fault = state.fault { throw fault }
            let file =
                if let known = state.file { known } else {
                    try Durability.openForAppending(path, .readWrite)
                }
            state.file = file
            if !state.isWhole { try endTornLine(in: file) }
            state.isWhole = false
            try file.write(line)
            state.isWhole = true
            if duration >= Self.syncInterval {
                try sync(file)
                state.isSynced = true
                return false
            }
            defer { state.isSynced = false }
            return state.isSynced
        }
        guard needsSync else { return }
        Task.detached {
            try? await Task.sleep(for: Self.syncInterval)
            self.syncLater()
        }
    }

    /// Syncs and closes the file, so that other nodes see all of it (close-to-open on NFS).
    package func close() throws(FileError) {
        try state.withLock { (state) throws(FileError) in
            guard let file = state.file else { return }
            state.file = nil
            state.isWhole = false
            if let fault = state.fault { throw fault }
            if !state.isSynced { try sync(file) }
            state.isSynced = true
            try file.close()
        }
    }

    private func syncLater() {
        state.withLock { state in
            guard let file = state.file, !state.isSynced else { return }
            state.isSynced = true
            do throws(FileError) { try sync(file) } catch { state.fault = error }
        }
    }

    /// Ends an incomplete line, left by a killed run or a full disk, so that the next line is
    /// separate.
    private func endTornLine(in file: OpenFile) throws(FileError) {
        let feed = UInt8(ascii: "\n")
        let size: Int
        // A pipe has no end.
        do { size = try file.seekEnd() } catch let error where error.code == ESPIPE { return }
        if size > 0, try file.read(1, at: size - 1) != [feed] { try file.write([feed]) }
    }

    private func sync(_ file: OpenFile) throws(FileError) {
        try beforeSync?()
        // A pipe or a special file, such as /dev/full in a test, cannot be synced and need not be.
        do { try file.syncContent() } catch let error where error.code == EINVAL {}
    }
}
