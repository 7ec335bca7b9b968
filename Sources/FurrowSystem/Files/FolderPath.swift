import Glibc
import SystemPackage

/// What a folder is called, whoever asks: Foundation's ways to make a path absolute take a `~` for a
/// home folder that the shell left alone, and `a/link/..` for `a`.
package enum FolderPath {
    /// The one name of a folder that exists: absolute, and without links, `.` and `..`.
    ///
    /// - Parameter path: absolute, or from the working directory.
    /// - Throws: ``FileError`` where there is none; ``UsageError`` for a name that is not text.
    package static func real(_ path: String) throws -> String {
        guard let resolved = realpath(path, nil) else { throw FileError(path) }
        defer { free(resolved) }
        guard let real = String(validatingCString: resolved) else {
            throw UsageError(
                "the folder '\(String(cString: resolved))' has a name that is not valid UTF-8; "
                    + "rename it, or keep runs elsewhere with --runs-dir"
            )
        }
        return real
    }

    /// Whether a path leads to a folder.
    package static func isFolder(_ path: String) -> Bool {
        (try? OpenFile.status(of: path))?.type == .directory
    }

    /// The name that a folder will have once it is made, and those above it.
    package static func planned(_ path: String) throws -> String {
        var existing = FilePath(path)
        var missing: [FilePath.Component] = []
        while !existing.isEmpty, access(existing.string, F_OK) != 0,
            let last = existing.lastComponent
        {
            missing.append(last)
            existing.removeLastComponent()
        }
        let real = FilePath(try real(existing.isEmpty ? "." : existing.string))
        return real.appending(missing.reversed()).string
    }

    /// The one name of a folder, which is made where it is missing.
    package static func making(_ path: String) throws -> String {
        try Durability.makeFolders(path)
        return try real(path)
    }
}
