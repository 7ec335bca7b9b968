package import FurrowSystem
import Glibc
import Synchronization

/// The file of what the jobs of one rank log. It is made by its first line.
package final class JobLog: Sendable {
    private let path: String
    private let descriptor = Mutex<Int32?>(nil)

    /// - Parameters:
    ///   - directory: the run's directory.
    ///   - rank: the rank that writes; each has its own file.
    package init(in directory: String, rank: Int) { path = RunLayout(directory).log(rank: rank) }

    deinit {
        descriptor.withLock { if let descriptor = $0 { close(descriptor) } }
    }

    /// Adds a line in one piece.
    ///
    /// - Throws: if it cannot be written.
    package func write(_ line: String) throws(FileError) {
        try descriptor.withLock { (known) throws(FileError) in
            let descriptor = known ?? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { throw FileError(path) }
            known = descriptor
            guard writeAll(Array((line + "\n").utf8), to: descriptor) else { throw FileError(path) }
        }
    }
}
