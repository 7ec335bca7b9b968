import Glibc

/// What is to outlast a power failure. A file that was synced can still be lost: its name stands in
/// its folder, which has to be synced too.
package enum Durability {
    /// Syncs the folder that a path leads into, and with it every name in that folder.
    package static func syncFolder(of path: String) throws(FileError) {
        let parent = path.folderOfPath
        let folder = parent.isEmpty ? "." : parent
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            // One that may be written to and not read has no way to be synced.
            if errno == EACCES { return }
            throw FileError(folder)
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 || Self.isUnknown(errno) else { throw FileError(folder) }
    }

    /// Makes folders, and those above them that are missing.
    ///
    /// - Parameter paths: in one folder, so that it is synced once for all of them.
    package static func makeFolders(_ paths: String...) throws(FileError) {
        var changed: [String] = []
        for path in paths {
            var missing: [String] = []
            var next = path
            while !next.isEmpty, next != "/", access(next, F_OK) != 0 {
                missing.append(next)
                next = next.folderOfPath
            }
            for folder in missing.reversed() {
                // Another may have made it meanwhile.
                guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw FileError(folder) }
                if changed.last?.folderOfPath != folder.folderOfPath { changed.append(folder) }
            }
        }
        for folder in changed { try syncFolder(of: folder) }
    }

    /// Syncs a file's content.
    package static func sync(_ descriptor: Int32, _ path: String) throws(FileError) {
        guard fsync(descriptor) == 0 || Self.isUnknown(errno) else { throw FileError(path) }
    }

    /// Syncs the content of a file that is closed.
    package static func sync(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path) }
        defer { close(descriptor) }
        try sync(descriptor, path)
    }

    /// A file system that knows no sync of such a file has nothing better to offer.
    private static func isUnknown(_ code: Int32) -> Bool {
        code == EINVAL || code == ENOTSUP || code == ENOSYS
    }
}
