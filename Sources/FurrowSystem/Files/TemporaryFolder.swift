import Foundation

/// A folder for short-lived files.
package enum TemporaryFolder {
    /// Makes one.
    package static func make() throws -> String {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("furrow-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
        return path.path
    }

    /// Removes one, if it can be removed; the system cleans its temporary folder.
    package static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}
