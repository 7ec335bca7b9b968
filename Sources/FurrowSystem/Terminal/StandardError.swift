/// Writes messages to this process's standard error, whole lines at a time.
package enum StandardError {
    /// Writes a line.
    package static func write(_ message: String) { OpenFile.standardError.say(message + "\n") }
}
