package import Foundation

/// A folder that goes when its last user does.
package final class Scratch: Sendable {
    package let url: URL
    package var path: String { url.path }

    /// Makes it, with folders in it.
    package init(with folders: String...) throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("furrow \(UUID().uuidString)")
        for folder in folders + [""] {
            try FileManager.default.createDirectory(
                atPath: url.path + "/" + folder,
                withIntermediateDirectories: true
            )
        }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes a file.
    ///
    /// - Returns: its path.
    @discardableResult
    package func write(_ text: String, to file: String) throws -> String {
        try write(Array(text.utf8), to: file)
    }

    /// Writes a file.
    ///
    /// - Returns: its path.
    @discardableResult
    package func write(_ bytes: [UInt8], to file: String) throws -> String {
        let place = url.appendingPathComponent(file)
        try Data(bytes).write(to: place)
        return place.path
    }

    /// Writes to the end of a file, which is there.
    package func append(_ text: String, to file: String) throws {
        let handle = try FileHandle(forWritingTo: url.appendingPathComponent(file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    /// The bytes of a file.
    package func bytes(_ file: String) throws -> [UInt8] {
        Array(try Data(contentsOf: url.appendingPathComponent(file)))
    }

    /// The text of a file, whatever its encoding.
    package func text(_ file: String) throws -> String {
        String(decoding: try bytes(file), as: UTF8.self)
    }

    /// The names in a folder, sorted.
    package func contents(_ folder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder).sorted()
    }

    /// Whether there is such a file or folder.
    package func has(_ file: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/" + file)
    }
}
