import Furrow
import FurrowRuns
import FurrowSystem
import Glibc
import Synchronization
import SystemPackage

/// Standard output or error of a worker's commands: the running command's file, and the growing
/// file with the output of all.
final class CapturedStream: Sendable {
    private struct Source: Sendable {
        var file: OpenFile
        /// The names given to the current file; the next command must not write to it.
        var used: [String] = []
    }

    /// The file of a command at its start.
    let running: String
    private let source: Mutex<Source>
    private let target: OpenFile
    private let isSynced = Atomic(true)

    /// - Parameters:
    ///   - path: the file of all commands.
    ///   - running: the file of a command at its start.
    init(_ path: String, running: String) throws(FileError) {
        self.running = running
        unlink(running)
        source = Mutex(Source(file: try Self.make(running)))
        target = try OpenFile(path, .readWrite, [.create, .append])
    }

    private static func make(_ path: String) throws(FileError) -> OpenFile {
        try OpenFile(path, .readWrite, [.create, .exclusiveCreate, .append])
    }

    /// Prepares for the next command.
    func renew() throws(FileError) {
        try source.withLock { (source) throws(FileError) in
            guard !source.used.isEmpty else { return }
            for name in source.used + [running] { unlink(name) }
            source = Source(file: try Self.make(running))
        }
    }

    /// Removes the commands' files, after the last one.
    func remove() {
        source.withLock { for name in $0.used + [running] { unlink(name) } }
    }

    /// How much the running or last command has written.
    func size() throws(RunFault) -> Int { try keeping { Int(try current.status().size) } }

    /// The file of the running or last command.
    private var current: OpenFile { source.withLock { $0.file } }

    /// A part of its output.
    func read(at offset: Int, most: Int) throws(RunFault) -> [UInt8] {
        try keeping { try current.read(most, at: offset) }
    }

    /// The end of its output.
    func tail(most: Int) throws(RunFault) -> [UInt8] {
        let size = try size()
        return try read(at: max(0, size - most), most: min(size, most))
    }

    /// Appends the last command's output to the growing file.
    ///
    /// Call it when no process of the command is alive. Its file is then reused for the next
    /// command, unless it was given a name. A named file stays complete until ``renew()``, so that
    /// its readers never see another command's output.
    ///
    /// - Parameters:
    ///   - names: the names that the file may have been given.
    ///   - limit: the most bytes that are kept.
    func move(known names: [String], most limit: Int? = nil) throws(RunFault) -> OutputRange {
        let offset = try keeping { try target.seekEnd() }
        let length = min(try size(), limit ?? .max)
        var checksum = Checksum()
        var done = 0
        while done < length {
            let piece = try read(at: done, most: min(length - done, 1 << 20))
            guard !piece.isEmpty else {
                if try size() > done { throw Self.fault(FileError(running)) }
                break
            }
            try keeping { try target.write(piece) }
            piece.withUnsafeBytes { checksum.add($0) }
            done += piece.count
        }
        source.withLock { $0.used = names }
        if names.isEmpty, length > 0 { try keeping { try current.resize(to: 0) } }
        guard done > 0 else { return OutputRange(offset: offset, length: 0) }
        isSynced.store(false, ordering: .releasing)
        return OutputRange(offset: offset, length: done, checksum: checksum.value)
    }

    /// Calls the system. The job is not to blame where that fails.
    private func keeping<Result>(_ call: () throws -> Result) throws(RunFault) -> Result {
        do { return try call() } catch { throw Self.fault(error) }
    }

    private static func fault(_ error: any Error) -> RunFault {
        RunFault("a command's output cannot be kept: \(error)", of: .journal)
    }

    /// Syncs the growing file.
    func sync() throws(FileError) {
        guard !isSynced.exchange(true, ordering: .acquiringAndReleasing) else { return }
        try target.syncContent()
    }
}
