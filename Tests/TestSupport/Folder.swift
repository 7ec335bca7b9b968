import Foundation

/// A directory that goes when its last user does.
package final class Folder: Sendable {
    /// Its path.
    package let path: String

    /// Makes it, with folders in it.
    package init(with folders: String...) throws {
        path = FileManager.default.temporaryDirectory.path + "/furrow \(UUID().uuidString)"
        for folder in folders + [""] {
            try FileManager.default.createDirectory(
                atPath: path + "/" + folder,
                withIntermediateDirectories: true
            )
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file.
    package func write(_ text: String, to file: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + file))
    }

    /// The text of a file.
    package func text(_ file: String) throws -> String {
        try String(contentsOfFile: path + "/" + file, encoding: .utf8)
    }
}
