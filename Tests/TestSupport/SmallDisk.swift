import Foundation

/// A file system in memory, of so many bytes and files.
package struct SmallDisk {
    private struct Problem: Error, CustomStringConvertible { let description: String }

    /// Whether this user may mount one.
    package static let canBeMade: Bool = {
        guard let scratch = try? Scratch(),
            let disk = try? SmallDisk(at: scratch.path, bytes: 1 << 20)
        else { return false }
        disk.unmount()
        return true
    }()

    private let folder: String

    /// Mounts one on a folder, until ``unmount()``.
    ///
    /// - Parameters:
    ///   - bytes: its size.
    ///   - files: how many files and folders it can hold.
    package init(at folder: String, bytes: Int, files: Int = 10_000) throws {
        self.folder = folder
        guard mount("none", folder, "tmpfs", 0, "size=\(bytes),nr_inodes=\(files)") == 0 else {
            throw Problem(description: "\(folder): \(String(cString: strerror(errno)))")
        }
    }

    /// Takes it away, whoever has a file of it open.
    package func unmount() { umount2(folder, Int32(MNT_DETACH)) }

    /// Makes it larger, and lets it hold as many files as any.
    package func grow(to bytes: Int) throws {
        let options = "size=\(bytes),nr_inodes=10000"
        guard mount("none", folder, "tmpfs", UInt(MS_REMOUNT), options) == 0 else {
            throw Problem(description: "\(folder): \(String(cString: strerror(errno)))")
        }
    }
}
