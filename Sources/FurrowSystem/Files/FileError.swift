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

    /// Calls the system.
    ///
    /// - Throws: what it says, with the file.
    static func naming<Result>(
        _ path: String,
        _ call: () throws -> Result
    ) throws(FileError) -> Result {
        do {
            return try call()
        } catch {
            // They throw nothing else.
            throw FileError(path, code: (error as? Errno ?? .ioError).rawValue)
        }
    }

    /// For example `runs/x/journal: No space left on device`.
    package var description: String { "\(path): \(problem ?? String(cString: strerror(code)))" }
}
