internal import Foundation

/// Files that are whole at any instant.
enum AtomicFile {
    /// Replaces a file in one step.
    static func write(_ data: Data, to path: String) throws(FileError) {
        let new = path + ".new"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError(new) }
        defer { close(descriptor) }
        guard writeAll(Array(data), to: descriptor) else { throw FileError(new) }
        guard rename(new, path) == 0 else { throw FileError(path) }
    }
}
