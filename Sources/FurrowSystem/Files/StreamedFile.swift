import Glibc
import SystemPackage

/// A file that is written piece by piece and replaces an older one when it is complete.
package final class StreamedFile {
    private static let bufferSize = 1 << 18

    private let path: String
    private let new: OpenFile
    private var buffer: [UInt8] = []

    /// - Parameter path: the file; it is first written to `path` + `.new`.
    package init(_ path: String) throws(FileError) {
        self.path = path
        new = try OpenFile("\(path).new", .writeOnly, [.create, .truncate])
    }

    /// Adds bytes.
    package func write(_ bytes: [UInt8]) throws(FileError) {
        buffer += bytes
        if buffer.count >= Self.bufferSize { try flush() }
    }

    /// Writes the rest, and puts the file in its place.
    package func finish() throws(FileError) {
        try flush()
        // NFS may report a full disk or quota only here.
        try new.close()
        guard rename(new.path, path) == 0 else { throw FileError(path) }
    }

    private func flush() throws(FileError) {
        try new.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
