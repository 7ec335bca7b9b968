import Glibc

/// Writes messages to this process's standard error, whole lines at a time.
package enum StandardError {
    /// Writes a line.
    package static func write(_ message: String) {
        writeAll(message + "\n", to: STDERR_FILENO)
    }
}
