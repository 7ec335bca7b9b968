import Glibc
package import SystemPackage

/// Makes files and folders survive a power failure. A synced file can still be lost: its name is
/// stored in its folder, which must be synced too.
package enum Durability {
    /// Syncs the folder that contains a path, and with it every name in that folder.
    package static func syncFolder(of path: String) throws(FileError) {
        let parent = path.folderOfPath
        let folder: OpenFile
        do {
            folder = try OpenFile(parent.isEmpty ? "." : parent, .readOnly, .directory)
        } catch let error where error.code == EACCES {
            // A folder that may be written but not read cannot be synced.
            return
        }
        try sync(folder)
    }

    /// Opens a file, new or not, for adding to its end. Its name is on disk then.
    package static func openForAppending(
        _ path: String,
        _ mode: FileDescriptor.AccessMode = .writeOnly
    ) throws(FileError) -> OpenFile {
        let file = try OpenFile(path, mode, [.create, .append])
        try syncFolder(of: path)
        return file
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
    static func sync(_ file: OpenFile) throws(FileError) {
        // The file system may be unable to sync this kind of file: nothing better is available then.
        do {
            try file.sync()
        } catch let error where [EINVAL, ENOTSUP, ENOSYS].contains(error.code) {}
    }

    /// Syncs the content of a file that is not open, or a folder's names.
    package static func sync(_ path: String) throws(FileError) { try sync(OpenFile(path)) }
}
