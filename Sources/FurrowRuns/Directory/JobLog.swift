package import FurrowSystem
import Synchronization
import SystemPackage

/// The file of what the jobs of one rank log. It is made by its first line.
package final class JobLog: Sendable {
    private let path: String
    private let file = Mutex<OpenFile?>(nil)

    /// - Parameters:
    ///   - directory: the run's directory.
    ///   - rank: the rank that writes; each has its own file.
    package init(in directory: String, rank: Int) { path = RunLayout(directory).log(rank: rank) }

    /// Adds a line in one piece.
    ///
    /// - Throws: if it cannot be written.
    package func write(_ line: String) throws(FileError) {
        try file.withLock { (known) throws(FileError) in
            if known == nil { known = try OpenFile(path, .writeOnly, [.create, .append]) }
            try known?.write(Array((line + "\n").utf8))
        }
    }
}
