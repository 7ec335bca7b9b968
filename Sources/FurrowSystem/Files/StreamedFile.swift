import Glibc

/// A file that is written piece by piece and replaces an older one when it is complete.
package final class StreamedFile {
    private static let bufferSize = 1 << 18

    private let path: String
    private let new: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    /// - Parameter path: the file; it is first written to `path` + `.new`.
    package init(_ path: String) throws(FileError) {
        self.path = path
        new = "\(path).new"
        descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError(new) }
    }

    deinit { close(descriptor) }

    /// Adds bytes.
    package func write(_ bytes: [UInt8]) throws(FileError) {
        buffer += bytes
        if buffer.count >= Self.bufferSize { try flush() }
    }

    /// Writes the rest, and puts the file in its place.
    package func finish() throws(FileError) {
        try flush()
        guard rename(new, path) == 0 else { throw FileError(path) }
    }

    private func flush() throws(FileError) {
        guard writeAll(buffer, to: descriptor) else { throw FileError(new) }
        buffer.removeAll(keepingCapacity: true)
    }
}
