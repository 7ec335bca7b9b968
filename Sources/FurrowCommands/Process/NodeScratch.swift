import Foundation
import FurrowRuns
import FurrowSystem
import SystemPackage

/// A worker's folder on its node's own disk, for the file that a command writes its metrics to.
struct NodeScratch: Sendable {
    /// Why a command's result file cannot be read.
    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    private static let file = "result.json"
    /// The most bytes that are read: metrics are kept in memory and in the journal.
    private static let limit = 64 << 20

    let directory: String
    /// The path in `FURROW_RESULT`.
    var result: String { "\(directory)/\(Self.file)" }
    /// Keeps parameters that are too long for a variable.
    ///
    /// - Returns: the file.
    func keep(parameters json: [UInt8]) throws(FileError) -> String {
        let path = "\(directory)/parameters.json"
        try AtomicFile.write(json, to: path)
        return path
    }

    /// The variable, as `NAME=value`.
    var variable: [UInt8] { Array("FURROW_RESULT=\(result)".utf8) }

    init() throws {
        // Absolute: a command may change its directory.
        let parent = try FolderPath.planned(
            ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 }
                ?? "/tmp"
        )
        var template = Array("\(parent)/furrow-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            let error = FileError("\(parent)/furrow-XXXXXX")
            throw RunFault("\(error); set TMPDIR to a folder that is writable on every node")
        }
        directory = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
    }

    /// Makes the folder empty again. A command may have removed it, or left files that would
    /// disturb the next.
    func renew() throws {
        var descriptor = openFolder()
        if descriptor < 0, errno == EACCES, chmod(directory, 0o700) == 0 {
            descriptor = openFolder()
        }
        if descriptor < 0 {
            // Something else may be in its place, for example a link, which is not followed.
            if errno == ENOTDIR || errno == ELOOP { unlink(directory) }
            guard mkdir(directory, 0o700) == 0 else { throw FileError(directory) }
            return
        }
        guard let folder = fdopendir(descriptor) else {
            close(descriptor)
            throw FileError(directory)
        }
        defer { closedir(folder) }
        while let name = try Presence.nextName(in: folder, of: directory) {
            if (name + [0]).withCString({ unlinkat(descriptor, $0, 0) }) == 0 { continue }
            let path = "\(directory)/\(String(decoding: name, as: UTF8.self))"
            try FileManager.default.removeItem(atPath: path)
        }
    }

    private func openFolder() -> Int32 {
        open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }

    /// The result file's content; `nil` if there is none.
    ///
    /// - Throws: ``Unusable`` if it is not a regular file, which might never end, or is too large.
    func readResult() throws -> [UInt8]? {
        let noFile = Unusable(
            description: "$FURROW_RESULT must be a file, not a link, a folder, a pipe or a device"
        )
        let file: OpenFile
        do {
            // Without the first flag, opening a pipe without a writer would wait.
            file = try OpenFile(result, .readOnly, [.nonBlocking, .noFollow])
        } catch {
            if error.code == ENOENT { return nil }
            // A link, a socket.
            if error.code == ELOOP || error.code == ENXIO { throw noFile }
            throw error
        }
        let status = try file.status()
        guard status.type == .regular else { throw noFile }
        guard status.size <= Self.limit else {
            throw Unusable(
                description: "$FURROW_RESULT must have at most \(Self.limit >> 20) MiB, but has "
                    + "\(status.size >> 20)"
            )
        }
        return try InputFile.read(file, limit: Self.limit)
    }

    /// Removes the folder.
    static func remove(_ directory: String) {
        // Empties it; it may already be gone.
        try? FileManager.default.removeItem(atPath: directory)
    }
}
