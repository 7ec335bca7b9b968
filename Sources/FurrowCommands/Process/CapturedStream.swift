import Furrow
import FurrowSystem
import Glibc
import Synchronization

/// Standard output or error of a worker's commands: a file of the command that runs, and the file
/// that grows with what each has written.
final class CapturedStream: Sendable {
    private struct Source: Sendable {
        var descriptor: Int32
        /// The names of a file that the next command must not write to.
        var used: [String] = []
    }

    /// What a command writes to when it starts.
    let running: String
    /// What all commands have written.
    private let path: String
    private let source: Mutex<Source>
    private let target: Int32
    private let isSynced = Atomic(true)

    /// - Parameters:
    ///   - path: the file of all commands.
    ///   - running: what a command writes to when it starts.
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

    /// Makes ready for the next command.
    func renew() throws(FileError) {
        try source.withLock { (source) throws(FileError) in
            guard !source.used.isEmpty else { return }
            for name in source.used + [running] { unlink(name) }
            let new = try Self.make(running)
            close(source.descriptor)
            source = Source(descriptor: new)
        }
    }

    /// Removes the files of commands, when no more run.
    func remove() {
        source.withLock { for name in $0.used + [running] { unlink(name) } }
    }

    /// How much the command that runs, or ran last, has written.
    var size: Int {
        var status = stat()
        let descriptor = source.withLock { $0.descriptor }
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Some of what it has written.
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

    /// The end of what it has written, of at most so many bytes.
    func tail(most: Int) -> [UInt8] {
        let size = size
        return read(at: max(0, size - most), most: min(size, most))
    }

    /// Moves what the last command wrote behind what the others have.
    ///
    /// To be called when nothing of the command is left alive. What the command wrote to is then
    /// the next one's, unless it has been given a name: under that it stays whole until
    /// ``renew()``, so that who reads it never finds anything of another command.
    ///
    /// - Parameter names: those that the file may have been given.
    func move(known names: [String]) throws(FileError) -> OutputRange {
        let offset = Int(lseek(target, 0, SEEK_END))
        let length = size
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

    /// Puts on disk what was moved.
    func sync() throws(FileError) {
        guard !isSynced.exchange(true, ordering: .acquiringAndReleasing) else { return }
        guard fdatasync(target) == 0 else { throw FileError(path) }
    }
}
