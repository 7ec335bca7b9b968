import Foundation

/// A folder for files that are needed for a moment.
package enum TemporaryFolder {
    /// Makes one.
    package static func make() throws -> String {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("furrow-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
        return path.path
    }

    /// What cannot be removed is left to whoever cleans the temporary folder.
    package static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}
