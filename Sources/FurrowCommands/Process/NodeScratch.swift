import Foundation
import FurrowRuns
import FurrowSystem

/// A worker's folder on its node's own disk, for the file that a command writes its metrics to.
struct NodeScratch: Sendable {
    /// Why what a command left cannot be read.
    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    private static let file = "result.json"
    /// The most that is read, in bytes: metrics are kept in memory and in the journal.
    private static let limit = 64 << 20

    let directory: String
    /// What `FURROW_RESULT` names.
    var result: String { "\(directory)/\(Self.file)" }
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
            throw RunFault("\(error); set TMPDIR to a folder that can be written to on every node")
        }
        directory = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
    }

    /// Makes the folder what it was for the first command: there, and empty. A command may have
    /// removed it, or left in it what would be in the way of the next.
    func renew() throws {
        var descriptor = openFolder()
        if descriptor < 0, errno == EACCES, chmod(directory, 0o700) == 0 {
            descriptor = openFolder()
        }
        if descriptor < 0 {
            // Something else may be there, a link for example, which is not followed.
            if errno == ENOTDIR || errno == ELOOP { unlink(directory) }
            guard mkdir(directory, 0o700) == 0 else { throw FileError(directory) }
            return
        }
        guard let folder = fdopendir(descriptor) else {
            close(descriptor)
            throw FileError(directory)
        }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                Array(bytes.prefix { $0 != 0 }) + [0]
            }
            if name == Array(".\0".utf8) || name == Array("..\0".utf8) { continue }
            if name.withCString({ unlinkat(descriptor, $0, 0) }) == 0 { continue }
            let path = "\(directory)/\(String(decoding: name.dropLast(), as: UTF8.self))"
            try FileManager.default.removeItem(atPath: path)
        }
    }

    private func openFolder() -> Int32 {
        open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }

    /// What a command has written; `nil` where it has written nothing.
    ///
    /// - Throws: ``Unusable`` for what is no file of the command's own, which might never end, and
    ///   for what is too large.
    func readResult() throws -> [UInt8]? {
        // A pipe that nobody writes to is opened at once.
        let descriptor = open(result, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        let noFile = Unusable(
            description: "$FURROW_RESULT is no file, but a link, a folder, a pipe, or a device"
        )
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            // A link, a socket.
            if errno == ELOOP || errno == ENXIO { throw noFile }
            throw FileError(result)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(result) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw noFile }
        guard status.st_size <= Self.limit else {
            throw Unusable(
                description: "$FURROW_RESULT holds \(status.st_size >> 20) MiB; at most "
                    + "\(Self.limit >> 20) are read"
            )
        }
        return try InputFile.read(descriptor, path: result, limit: Self.limit)
    }

    /// Removes the folder.
    static func remove(_ directory: String) {
        // What is in it, and it may be gone.
        try? FileManager.default.removeItem(atPath: directory)
    }
}
