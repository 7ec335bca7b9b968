import Furrow
import Glibc

/// The output of a worker's commands: one growing file each for standard output and error, for
/// 100,000 jobs must not make 100,000 files.
///
/// A running command writes to a file of its own, from where it is moved when the command has
/// ended. Sharing the growing file does not do: a command that opens `/dev/stderr` truncates it,
/// and what a command leaves running writes between the next one's lines.
final class WorkerOutput: Sendable {
    /// Where a command's output stands in its worker's file.
    struct Place: Sendable, Hashable, Codable {
        var offset: Int
        var length: Int
    }

    /// One of the two.
    struct Stream: Sendable {
        /// What the command that runs writes to.
        let running: String
        /// What all commands have written.
        let all: String
        fileprivate let source: Int32
        fileprivate let target: Int32
    }

    let out: Stream
    let err: Stream

    /// - Parameters:
    ///   - directory: the run's directory.
    ///   - rank: the worker's rank.
    init(in directory: String, rank: Int) throws(FileError) {
        out = try Self.open(Self.path(in: directory, rank: rank, "out"))
        err = try Self.open(Self.path(in: directory, rank: rank, "err"))
    }

    /// The file of all of a worker's output or errors.
    static func path(in directory: String, rank: Int, _ kind: String) -> String {
        "\(directory)/output/\(workerName(rank: rank)).\(kind)"
    }

    /// The file of the command that runs.
    static func runningPath(_ path: String) -> String { "\(path).running" }

    private static func open(_ path: String) throws(FileError) -> Stream {
        let running = runningPath(path)
        let flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC
        let source = Glibc.open(running, flags | O_TRUNC, 0o666)
        guard source >= 0 else { throw FileError(running) }
        let target = Glibc.open(path, flags, 0o666)
        guard target >= 0 else { throw FileError(path) }
        return Stream(running: running, all: path, source: source, target: target)
    }

    /// Removes the files of running commands, when no more run.
    func close() {
        for stream in [out, err] { unlink(stream.running) }
    }

    deinit {
        for stream in [out, err] {
            Glibc.close(stream.source)
            Glibc.close(stream.target)
        }
    }

    /// Moves what the last command wrote behind what the others have.
    ///
    /// To be called when nothing of the command is left alive: the file is then nobody's, and the
    /// next command's.
    func move(_ stream: Stream) throws(FileError) -> Place {
        let offset = Int(lseek(stream.target, 0, SEEK_END))
        let length = Self.size(stream)
        guard length > 0 else { return Place(offset: offset, length: 0) }
        var done = 0
        while done < length {
            let piece = Self.read(stream, at: done, most: min(length - done, 1 << 20))
            guard !piece.isEmpty else { break }
            var written = 0
            while written < piece.count {
                let count = piece[written...].withUnsafeBytes {
                    write(stream.target, $0.baseAddress, $0.count)
                }
                if count >= 0 {
                    written += count
                } else if errno != EINTR {
                    throw FileError(stream.all)
                }
            }
            done += piece.count
        }
        guard ftruncate(stream.source, 0) == 0 else { throw FileError(stream.running) }
        return Place(offset: offset, length: done)
    }

    /// How much the command that runs, or ran last, has written.
    static func size(_ stream: Stream) -> Int {
        var status = stat()
        return fstat(stream.source, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Some of what it has written.
    static func read(_ stream: Stream, at offset: Int, most: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
            repeat {
                count = max(0, pread(stream.source, buffer.baseAddress, most, off_t(offset)))
            } while count == 0 && errno == EINTR && most > 0 && offset < size(stream)
        }
    }

    /// The end of what it has written, of at most so many bytes.
    static func tail(_ stream: Stream, most: Int) -> [UInt8] {
        let size = size(stream)
        return read(stream, at: max(0, size - most), most: min(size, most))
    }
}
