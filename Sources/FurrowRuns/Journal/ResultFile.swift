package import FurrowSystem
import Glibc
import Synchronization

/// Where the file of large results beside a part of the journal has one.
package struct StoredResult: Sendable, Hashable, Codable {
    /// Its position, in bytes.
    package var offset: Int
    /// Its length, in bytes.
    package var length: Int
    /// The checksum of its bytes.
    package var checksum: UInt64

    static func checksum(of bytes: [UInt8]) -> UInt64 {
        var checksum = Checksum()
        bytes.withUnsafeBytes { checksum.add($0) }
        return checksum.value
    }

    /// Reads the result.
    ///
    /// - Parameter path: the file.
    /// - Throws: ``FileError``; ``Damaged``.
    func read(from path: String) throws -> [UInt8] {
        let descriptor = try InputFile.openRegular(path)
        defer { close(descriptor) }
        guard let bytes = readPart(length, at: offset, of: descriptor) else {
            throw FileError(path)
        }
        guard bytes.count == length, Self.checksum(of: bytes) == checksum else {
            throw Damaged(path: path, offset: offset)
        }
        return bytes
    }

    /// A result that is not what was written.
    struct Damaged: Error, CustomStringConvertible {
        let path: String
        let offset: Int
        var description: String {
            "\(path): the result at byte \(offset) does not match its checksum"
        }
    }
}

/// A worker's file of large results, beside its part of the journal: as text they would take up to
/// 400 times as long. Append-only, as the journal is.
package final class ResultFile: Sendable {
    private struct State: Sendable {
        var descriptor: Int32?
        var isSynced = true
    }

    private let path: String
    private let state = Mutex(State())

    /// - Parameters:
    ///   - directory: the run's directory.
    ///   - rank: the rank that writes; each has its own file.
    package init(in directory: String, rank: Int) {
        path = RunLayout(directory).largeResults(rank: rank)
    }

    deinit {
        state.withLock { state in
            if let descriptor = state.descriptor { Glibc.close(descriptor) }
        }
    }

    /// Adds a result. Its record refers to it only once it is written whole.
    ///
    /// - Returns: its place.
    package func append(_ result: [UInt8]) throws(FileError) -> StoredResult {
        let checksum = StoredResult.checksum(of: result)
        return try state.withLock { (state) throws(FileError) in
            let descriptor = if let known = state.descriptor { known } else { try open() }
            state.descriptor = descriptor
            // An earlier write may have failed in the middle.
            let offset = lseek(descriptor, 0, SEEK_END)
            state.isSynced = false
            guard offset >= 0, writeAll(result, to: descriptor) else { throw FileError(path) }
            return StoredResult(offset: Int(offset), length: result.count, checksum: checksum)
        }
    }

    /// Syncs what was added. Called before the records that refer to it are synced.
    package func sync() throws(FileError) {
        try state.withLock { (state) throws(FileError) in
            guard let descriptor = state.descriptor, !state.isSynced else { return }
            guard fdatasync(descriptor) == 0 else { throw FileError(path) }
            state.isSynced = true
        }
    }

    /// Syncs and closes the file.
    package func close() throws(FileError) {
        try sync()
        try state.withLock { (state) throws(FileError) in
            guard let descriptor = state.descriptor else { return }
            state.descriptor = nil
            guard Glibc.close(descriptor) == 0 || errno == EINTR else { throw FileError(path) }
        }
    }

    private func open() throws(FileError) -> Int32 {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError(path) }
        do throws(FileError) {
            try Durability.syncFolder(of: path)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }
}
