import Glibc
package import SystemPackage

/// All bytes of one of a run's own files; `nil` if it does not exist.
package func contentsIfPresent(of path: String) throws(FileError) -> [UInt8]? {
    do {
        return try InputFile.readRegular(path)
    } catch {
        if error.code == ENOENT { return nil }
        throw error
    }
}

/// Whether a file lost its content in a power failure: an unsynced file may end up empty or full of
/// zeros.
package func isLost(_ bytes: [UInt8]) -> Bool { bytes.allSatisfy { $0 == 0 } }

/// When a file was last written, in seconds since 1970; `nil` if that is unknown.
package func modificationTime(of path: String) -> Double? {
    (try? OpenFile.status(of: path))?.modificationTime
}

extension Stat {
    /// When the file was last written, in seconds since 1970.
    package var modificationTime: Double { Double(st_mtim.tv_sec) + Double(st_mtim.tv_nsec) / 1e9 }
}
