import Glibc

/// Writes past the standard library's buffers, so that one rank's text stays in one piece. Stops at
/// an error: if the terminal is gone, nobody can be told.
package func writeAll(_ text: String, to descriptor: Int32) {
    _ = writeAll(Array(text.utf8), to: descriptor)
}

/// Writes all bytes. Returns false on failure, with the reason in `errno`.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
        let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if written >= 0 {
            rest = rest.dropFirst(written)
        } else if errno != EINTR {
            return false
        }
    }
    return true
}
