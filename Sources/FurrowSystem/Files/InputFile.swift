import Glibc

/// Reads whole files, each once, so that pipes and terminals work too.
package enum InputFile {
    /// The most bytes of an input: it is held in memory.
    package static let mostBytes = 1 << 30
    /// After how many milliseconds a pipe that nobody writes to is told of.
    private static let patience = 5000

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - limit: how many bytes are read at most.
    package static func read(
        _ path: String,
        limit: Int = .max
    ) throws(FileError) -> [UInt8] {
        // Without the flag, opening a pipe waits for its writer, and no signal ends that.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError(path) }
        defer { close(descriptor) }
        return try read(descriptor, path: path, limit: limit)
    }

    /// Reads one of a run's own files. Where something else is in its place, it is not waited for.
    package static func readRegular(_ path: String) throws(FileError) -> [UInt8] {
        let descriptor = try openRegular(path)
        defer { close(descriptor) }
        return try read(descriptor, path: path)
    }

    /// Opens one of a run's own files for reading.
    ///
    /// - Throws: also if it is a pipe, a device or a folder.
    package static func openRegular(_ path: String) throws(FileError) -> Int32 {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError(path) }
        guard kind(of: descriptor) == S_IFREG else {
            close(descriptor)
            throw FileError(path, problem: "must be a file, not a folder, a pipe or a device")
        }
        return descriptor
    }

    private static func kind(of descriptor: Int32) -> mode_t {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : 0
    }

    /// Reads an open file to its end.
    ///
    /// - Parameters:
    ///   - descriptor: stays open.
    ///   - path: its name in the error when reading fails.
    ///   - limit: how many bytes are read at most.
    /// - Throws: also if a signal asks the run to end while a pipe is waited for.
    package static func read(
        _ descriptor: Int32,
        path: String,
        limit: Int = .max
    ) throws(FileError) -> [UInt8] {
        let mayWait = kind(of: descriptor) != S_IFREG
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < limit {
            if mayWait { try wait(for: descriptor, path) }
            let wanted = min(piece.count, limit - bytes.count)
            let count = Glibc.read(descriptor, &piece, wanted)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR || errno == EAGAIN { continue }
                throw FileError(path)
            }
            bytes += piece[..<count]
            guard bytes.count <= mostBytes else {
                throw FileError(path, problem: "must have at most \(mostBytes >> 20) MiB")
            }
        }
        return bytes
    }

    /// Waits until there is something to read, or the end.
    private static func wait(for descriptor: Int32, _ path: String) throws(FileError) {
        let step = 100
        var waited = 0
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&ready, 1, Int32(step)) <= 0 {
            if Interruption.signal != nil { throw FileError(path, code: EINTR) }
            waited += step
            if waited == patience {
                writeAll("\(path): waiting for input; Ctrl-C ends it\n", to: STDERR_FILENO)
            }
        }
    }
}
