import Glibc

/// Makes files and folders survive a power failure. A synced file can still be lost: its name is
/// stored in its folder, which must be synced too.
package enum Durability {
    /// Syncs the folder that contains a path, and with it every name in that folder.
    package static func syncFolder(of path: String) throws(FileError) {
        let parent = path.folderOfPath
        let folder = parent.isEmpty ? "." : parent
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            // A folder that may be written but not read cannot be synced.
            if errno == EACCES { return }
            throw FileError(folder)
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 || Self.isUnknown(errno) else { throw FileError(folder) }
    }

    /// Makes folders, and their missing parents.
    ///
    /// - Parameter paths: in the same folder, which is then synced once for all of them.
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
                // Another process may have made it meanwhile.
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

    /// Syncs the content of a closed file.
    package static func sync(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path) }
        defer { close(descriptor) }
        try sync(descriptor, path)
    }

    /// Whether the file system cannot sync this kind of file: nothing better is available then.
    private static func isUnknown(_ code: Int32) -> Bool {
        code == EINVAL || code == ENOTSUP || code == ENOSYS
    }
}
