import Glibc
import SystemPackage

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
        let file = try OpenFile(path, .writeOnly, [.create, .truncate])
        try file.write(bytes)
        if isDurable { try Durability.sync(file) }
        try file.close()
    }
}
