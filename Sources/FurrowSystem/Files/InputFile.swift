import Glibc
import SystemPackage

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
        try read(OpenFile(path, .readOnly, .nonBlocking), limit: limit)
    }

    /// Reads one of a run's own files. Where something else is in its place, it is not waited for.
    package static func readRegular(_ path: String) throws(FileError) -> [UInt8] {
        try read(openRegular(path))
    }

    /// Opens one of a run's own files for reading.
    ///
    /// - Throws: also if it is a pipe, a device or a folder.
    package static func openRegular(_ path: String) throws(FileError) -> OpenFile {
        let file = try OpenFile(path, .readOnly, .nonBlocking)
        guard try file.isRegular() else {
            throw FileError(path, problem: "must be a file, not a folder, a pipe or a device")
        }
        return file
    }

    /// Reads an open file to its end.
    ///
    /// - Parameter limit: how many bytes are read at most.
    /// - Throws: also if a signal asks the run to end while a pipe is waited for.
    package static func read(_ file: OpenFile, limit: Int = .max) throws(FileError) -> [UInt8] {
        let mayWait = try !file.isRegular()
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < limit {
            if mayWait { try wait(for: file) }
            let count: Int
            do {
                count = try file.read(into: &piece, most: limit - bytes.count)
            } catch let error where mayWait && error.code == EAGAIN {
                continue
            }
            if count == 0 { break }
            bytes += piece[..<count]
            guard bytes.count <= mostBytes else {
                throw FileError(file.path, problem: "must have at most \(mostBytes >> 20) MiB")
            }
        }
        return bytes
    }

    /// Waits until there is something to read, or the end.
    private static func wait(for file: OpenFile) throws(FileError) {
        let step = 100
        var waited = 0
        var ready = pollfd(fd: file.number, events: Int16(POLLIN), revents: 0)
        while poll(&ready, 1, Int32(step)) <= 0 {
            if Interruption.signal != nil { throw FileError(file.path, code: EINTR) }
            waited += step
            if waited == patience {
                OpenFile.standardError.say(
                    "\(file.path): waiting for input; Ctrl-C ends it\n"
                )
            }
        }
    }
}
