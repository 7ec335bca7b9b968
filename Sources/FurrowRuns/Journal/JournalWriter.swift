import Foundation
package import FurrowSystem
import Synchronization

/// A worker's part of the journal: an append-only file with one line per attempt.
///
/// A line is written before its job counts as finished, so a killed process loses no finished job.
/// It is synced to disk at once after an attempt of a second or more, and within a second after
/// shorter ones. So after a node dies, at most its last second of short jobs is repeated.
package final class JournalWriter: Sendable {
    private static let syncInterval = Duration.seconds(1)

    private struct State: Sendable {
        var descriptor: Int32?
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

    deinit {
        state.withLock { state in
            if let descriptor = state.descriptor { Glibc.close(descriptor) }
        }
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
            let descriptor = if let known = state.descriptor { known } else { try open() }
            state.descriptor = descriptor
            if !state.isWhole { try endTornLine(in: descriptor) }
            state.isWhole = false
            try write(line, to: descriptor)
            state.isWhole = true
            if duration >= Self.syncInterval {
                try sync(descriptor)
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
            guard let descriptor = state.descriptor else { return }
            state.descriptor = nil
            state.isWhole = false
            do throws(FileError) {
                if let fault = state.fault { throw fault }
                if !state.isSynced { try sync(descriptor) }
            } catch {
                Glibc.close(descriptor)
                throw error
            }
            state.isSynced = true
            // NFS may report a full disk or quota only here.
            guard Glibc.close(descriptor) == 0 || errno == EINTR else { throw FileError(path) }
        }
    }

    private func syncLater() {
        state.withLock { state in
            guard let descriptor = state.descriptor, !state.isSynced else { return }
            state.isSynced = true
            do throws(FileError) { try sync(descriptor) } catch { state.fault = error }
        }
    }

    private func open() throws(FileError) -> Int32 {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError(path) }
        do throws(FileError) {
            // A synced file is lost if its name is not synced too.
            try Durability.syncFolder(of: path)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Ends an incomplete line, left by a killed run or a full disk, so that the next line is
    /// separate.
    private func endTornLine(in descriptor: Int32) throws(FileError) {
        let size = lseek(descriptor, 0, SEEK_END)
        var last = UInt8(ascii: "\n")
        if size > 0, pread(descriptor, &last, 1, size - 1) == 1, last != UInt8(ascii: "\n") {
            try write([UInt8(ascii: "\n")], to: descriptor)
        }
    }

    private func write(_ line: [UInt8], to descriptor: Int32) throws(FileError) {
        guard writeAll(line, to: descriptor) else { throw FileError(path) }
    }

    private func sync(_ descriptor: Int32) throws(FileError) {
        try beforeSync?()
        // A pipe or a special file, such as /dev/full in a test, cannot be synced and need not be.
        guard fdatasync(descriptor) == 0 || errno == EINVAL else { throw FileError(path) }
    }
}
