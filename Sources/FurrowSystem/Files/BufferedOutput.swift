import Glibc

/// Standard output for many small pieces; the first ones appear at once.
package struct BufferedOutput {
    private var buffer: [UInt8] = []
    private var limit = 4096

    /// An empty buffer.
    package init() {}

    /// Writes a text.
    package mutating func write(_ text: String) throws(FileError) { try write(Array(text.utf8)) }

    /// Writes bytes.
    package mutating func write(_ bytes: [UInt8]) throws(FileError) {
        buffer += bytes
        if buffer.count >= limit { try flush() }
    }

    /// Writes what is left.
    package mutating func flush() throws(FileError) {
        defer { buffer.removeAll(keepingCapacity: true) }
        limit = 1 << 16
        do {
            try OpenFile.standardOutput.write(buffer)
        } catch let error where error.code == EPIPE {}
    }
}
