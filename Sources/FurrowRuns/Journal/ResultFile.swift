package import FurrowSystem
import Synchronization
import SystemPackage

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
        let bytes = try InputFile.openRegular(path).read(length, at: offset)
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
        var file: OpenFile?
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

    /// Adds a result. Its record refers to it only once it is written whole.
    ///
    /// - Returns: its place.
    package func append(_ result: [UInt8]) throws(FileError) -> StoredResult {
        let checksum = StoredResult.checksum(of: result)
        return try state.withLock { (state) throws(FileError) in
            let file =
                if let known = state.file { known } else { try Durability.openForAppending(path) }
            state.file = file
            // An earlier write may have failed in the middle.
            let offset = try file.seekEnd()
            state.isSynced = false
            try file.write(result)
            return StoredResult(offset: offset, length: result.count, checksum: checksum)
        }
    }

    /// Syncs what was added. Called before the records that refer to it are synced.
    package func sync() throws(FileError) {
        try state.withLock { (state) throws(FileError) in
            guard let file = state.file, !state.isSynced else { return }
            try file.syncContent()
            state.isSynced = true
        }
    }

    /// Syncs and closes the file.
    package func close() throws(FileError) {
        try sync()
        try state.withLock { (state) throws(FileError) in
            let file = state.file
            state.file = nil
            try file?.close()
        }
    }
}
