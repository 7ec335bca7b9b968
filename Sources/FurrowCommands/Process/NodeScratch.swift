internal import Foundation
import Furrow

/// A worker's folder on its node's own disk, for the file that a command writes its metrics to.
struct NodeScratch: Sendable {
    private static let file = "result.json"

    let directory: String
    /// What `FURROW_RESULT` names.
    var result: String { "\(directory)/\(Self.file)" }

    init() throws {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
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

    /// What a command has written, and removes it; `nil` where it has written nothing.
    func takeResult() throws -> [UInt8]? {
        let descriptor = open(result, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw FileError(result)
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        defer { unlink(result) }
        return Array(try handle.readToEnd() ?? Data())
    }

    /// Removes the folder.
    static func remove(_ directory: String) {
        unlink("\(directory)/\(file)")
        rmdir(directory)
    }
}
