import Glibc

/// The revision of a Git repository, read from its files: no program is started for it.
package enum GitRevision {
    /// The revision that is checked out in the working directory; `nil` outside of a repository.
    package static var current: String? {
        guard let path = realpath(".", nil) else { return nil }
        defer { free(path) }
        return revision(of: String(cString: path))
    }

    /// The revision that is checked out in a directory, or in one above it.
    package static func revision(of directory: String) -> String? {
        var directory = directory
        while true {
            let git = directory == "/" ? "/.git" : "\(directory)/.git"
            if let head = text(of: "\(git)/HEAD") { return resolve(head, in: git, git) }
            // A worktree or a submodule has a file that names its folder.
            if let file = text(of: git), let folder = file.named("gitdir: ") {
                let path = folder.hasPrefix("/") ? folder : "\(directory)/\(folder)"
                guard let head = text(of: "\(path)/HEAD") else { return nil }
                let common = text(of: "\(path)/commondir").map { "\(path)/\($0)" } ?? path
                return resolve(head, in: path, common)
            }
            if directory == "/" || directory.isEmpty { return nil }
            directory = directory.folderOfPath
        }
    }

    private static func resolve(_ head: String, in own: String, _ common: String) -> String? {
        guard let reference = head.named("ref: ") else { return head.isEmpty ? nil : head }
        for git in [own, common] {
            if let revision = text(of: "\(git)/\(reference)") { return revision }
        }
        let packed = text(of: "\(common)/packed-refs", limit: 1 << 22) ?? ""
        return packed.split(separator: "\n").first { $0.hasSuffix(" \(reference)") }
            .flatMap { $0.split(separator: " ").first }.map(String.init)
    }

    /// `nil` for a file that cannot be read: then the revision is not known.
    private static func text(of path: String, limit: Int = 4096) -> String? {
        guard let bytes = try? InputFile.read(path, limit: limit) else { return nil }
        return String(String(decoding: bytes, as: UTF8.self)[...].trimmed)
    }
}

extension String {
    /// What follows a prefix; `nil` without it.
    fileprivate func named(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
