import Glibc
import SystemPackage

/// A file operation that failed, with the file and the system's reason.
package struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file.
    package let path: String
    /// The system's number for the reason.
    package let code: Int32
    /// What is wrong, where it is not the system that says so.
    private var problem: String?

    /// A file that is not what it must be.
    package init(_ path: String, problem: String) {
        self.path = path
        self.problem = problem
        code = EINVAL
    }

    /// - Parameters:
    ///   - path: the file.
    ///   - code: the reason; default: this thread's `errno`.
    package init(_ path: String, code: Int32 = errno) {
        self.path = path
        self.code = code
    }

    /// Calls the system; where a signal interrupts that, again.
    ///
    /// - Parameters:
    ///   - attempts: how often at most. A file system in trouble interrupts every call, so that
    ///     without a limit nothing would end it.
    ///   - call: one call, which does not begin again of itself.
    /// - Throws: what the system says, with the file.
    static func naming<Result>(
        _ path: String,
        attempts: Int = 100,
        _ call: () throws -> Result
    ) throws(FileError) -> Result {
        var attempt = 1
        while true {
            do {
                return try call()
            } catch {
                // They throw nothing else.
                let reason = error as? Errno ?? .ioError
                guard reason == .interrupted, attempt < attempts else {
                    throw FileError(path, code: reason.rawValue)
                }
                attempt += 1
            }
        }
    }

    /// For example `runs/x/journal: No space left on device`.
    package var description: String { "\(path): \(problem ?? String(cString: strerror(code)))" }
}
