import Furrow
import FurrowSystem
import Glibc
import Synchronization

/// Standard output or error of a worker's commands: the running command's file, and the growing
/// file with the output of all.
final class CapturedStream: Sendable {
    private struct Source: Sendable {
        var descriptor: Int32
        /// The names given to the current file; the next command must not write to it.
        var used: [String] = []
    }

    /// The file of a command at its start.
    let running: String
    /// The file with the output of all commands.
    private let path: String
    private let source: Mutex<Source>
    private let target: Int32
    private let isSynced = Atomic(true)

    /// - Parameters:
    ///   - path: the file of all commands.
    ///   - running: the file of a command at its start.
    init(_ path: String, running: String) throws(FileError) {
        self.path = path
        self.running = running
        unlink(running)
        source = Mutex(Source(descriptor: try Self.make(running)))
        target = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard target >= 0 else { throw FileError(path) }
    }

    deinit {
        source.withLock { _ = close($0.descriptor) }
        close(target)
    }

    private static func make(_ path: String) throws(FileError) -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError(path) }
        return descriptor
    }

    /// Prepares for the next command.
    func renew() throws(FileError) {
        try source.withLock { (source) throws(FileError) in
            guard !source.used.isEmpty else { return }
            for name in source.used + [running] { unlink(name) }
            let new = try Self.make(running)
            close(source.descriptor)
            source = Source(descriptor: new)
        }
    }

    /// Removes the commands' files, after the last one.
    func remove() {
        source.withLock { for name in $0.used + [running] { unlink(name) } }
    }

    /// How much the running or last command has written.
    var size: Int {
        var status = stat()
        let descriptor = source.withLock { $0.descriptor }
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// A part of its output.
    func read(at offset: Int, most: Int) -> [UInt8] {
        let source = source.withLock { $0.descriptor }
        return [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
            var read: Int
            repeat {
                read = pread(source, buffer.baseAddress, most, off_t(offset))
            } while read < 0 && errno == EINTR
            count = max(0, read)
        }
    }

    /// The end of its output.
    func tail(most: Int) -> [UInt8] {
        let size = size
        return read(at: max(0, size - most), most: min(size, most))
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
    func move(known names: [String], most limit: Int? = nil) throws(FileError) -> OutputRange {
        let offset = Int(lseek(target, 0, SEEK_END))
        let length = min(size, limit ?? .max)
        var checksum = Checksum()
        var done = 0
        while done < length {
            let piece = read(at: done, most: min(length - done, 1 << 20))
            guard !piece.isEmpty else {
                if size > done { throw FileError(running) }
                break
            }
            guard writeAll(piece, to: target) else { throw FileError(path) }
            piece.withUnsafeBytes { checksum.add($0) }
            done += piece.count
        }
        try source.withLock { (source) throws(FileError) in
            source.used = names
            guard names.isEmpty, length > 0 else { return }
            guard ftruncate(source.descriptor, 0) == 0 else { throw FileError(running) }
        }
        guard done > 0 else { return OutputRange(offset: offset, length: 0) }
        isSynced.store(false, ordering: .releasing)
        return OutputRange(offset: offset, length: done, checksum: checksum.value)
    }

    /// Syncs the growing file.
    func sync() throws(FileError) {
        guard !isSynced.exchange(true, ordering: .acquiringAndReleasing) else { return }
        guard fdatasync(target) == 0 else { throw FileError(path) }
    }
}
