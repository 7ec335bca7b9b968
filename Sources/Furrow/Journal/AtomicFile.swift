import Glibc

/// Files that are whole at any instant.
public enum AtomicFile {
    /// Replaces a file in one step.
    ///
    /// - Parameters:
    ///   - bytes: the new content.
    ///   - path: the file.
    public static func write(
        _ bytes: some Sequence<UInt8>,
        to path: String
    ) throws(FileError) {
        let new = path + ".new"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError(new) }
        defer { close(descriptor) }
        guard writeAll(Array(bytes), to: descriptor) else { throw FileError(new) }
        guard rename(new, path) == 0 else { throw FileError(path) }
    }
}
