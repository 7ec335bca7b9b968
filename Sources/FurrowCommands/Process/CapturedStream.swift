import Furrow
import Glibc
import Synchronization

/// Standard output or error of a worker's commands: a file of the command that runs, and the file
/// that grows with what each has written.
final class CapturedStream: Sendable {
    /// What the command that runs writes to.
    let running: String
    /// What all commands have written.
    private let path: String
    private let source: Int32
    private let target: Int32
    private let isSynced = Atomic(true)

    /// - Parameter path: the file of all commands.
    init(_ path: String) throws(FileError) {
        self.path = path
        running = "\(path).running"
        let flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC
        source = open(running, flags | O_TRUNC, 0o666)
        guard source >= 0 else { throw FileError(running) }
        target = open(path, flags, 0o666)
        guard target >= 0 else { throw FileError(path) }
    }

    deinit {
        close(source)
        close(target)
    }

    /// Removes the file of running commands, when no more run.
    func remove() { unlink(running) }

    /// How much the command that runs, or ran last, has written.
    var size: Int {
        var status = stat()
        return fstat(source, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Some of what it has written.
    func read(at offset: Int, most: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
            repeat {
                count = max(0, pread(source, buffer.baseAddress, most, off_t(offset)))
            } while count == 0 && errno == EINTR && most > 0 && offset < size
        }
    }

    /// The end of what it has written, of at most so many bytes.
    func tail(most: Int) -> [UInt8] {
        let size = size
        return read(at: max(0, size - most), most: min(size, most))
    }

    /// Moves what the last command wrote behind what the others have.
    ///
    /// To be called when nothing of the command is left alive: the file is then nobody's, and the
    /// next command's.
    func move() throws(FileError) -> OutputPlace {
        let offset = Int(lseek(target, 0, SEEK_END))
        let length = size
        guard length > 0 else { return OutputPlace(offset: offset, length: 0) }
        var checksum = OutputChecksum()
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
        isSynced.store(false, ordering: .releasing)
        guard ftruncate(source, 0) == 0 else { throw FileError(running) }
        return OutputPlace(offset: offset, length: done, checksum: checksum.value)
    }

    /// Puts on disk what was moved.
    func sync() throws(FileError) {
        guard !isSynced.exchange(true, ordering: .acquiringAndReleasing) else { return }
        guard fdatasync(target) == 0 else { throw FileError(path) }
    }
}
