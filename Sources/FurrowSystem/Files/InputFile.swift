import Glibc

/// Reads whole files, each once, so that pipes and terminals work too.
package enum InputFile {
    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - limit: how many bytes are read at most.
    package static func read(
        _ path: String,
        limit: Int = .max
    ) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path) }
        defer { close(descriptor) }
        return try read(descriptor, path: path, limit: limit)
    }

    /// Reads an open file to its end.
    ///
    /// - Parameters:
    ///   - descriptor: stays open.
    ///   - path: its name in the error when reading fails.
    ///   - limit: how many bytes are read at most.
    package static func read(
        _ descriptor: Int32,
        path: String,
        limit: Int = .max
    ) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < limit {
            let wanted = min(piece.count, limit - bytes.count)
            let count = Glibc.read(descriptor, &piece, wanted)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError(path)
            }
            bytes += piece[..<count]
        }
        return bytes
    }
}
