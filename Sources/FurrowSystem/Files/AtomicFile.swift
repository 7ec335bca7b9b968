import Glibc

/// Files that a reader always finds complete.
package enum AtomicFile {
    /// Replaces a file in one step.
    ///
    /// - Parameters:
    ///   - bytes: the new content.
    ///   - path: the file.
    ///   - isDurable: whether the file must survive a power failure once this returns. That takes
    ///     two syncs, some milliseconds on a disk. Without it a power failure may leave an empty
    ///     file.
    package static func write(
        _ bytes: some Sequence<UInt8>,
        to path: String,
        isDurable: Bool = true
    ) throws(FileError) {
        let new = path + ".new"
        do throws(FileError) {
            try fill(new, with: Array(bytes), isDurable: isDurable)
            guard rename(new, path) == 0 else { throw FileError(path) }
        } catch {
            unlink(new)
            throw error
        }
        if isDurable { try Durability.syncFolder(of: path) }
    }

    private static func fill(
        _ path: String,
        with bytes: [UInt8],
        isDurable: Bool
    ) throws(FileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError(path) }
        do throws(FileError) {
            guard writeAll(bytes, to: descriptor) else { throw FileError(path) }
            if isDurable { try Durability.sync(descriptor, path) }
        } catch {
            close(descriptor)
            throw error
        }
        // NFS may report a full disk or quota only here.
        guard close(descriptor) == 0 || errno == EINTR else { throw FileError(path) }
    }
}
