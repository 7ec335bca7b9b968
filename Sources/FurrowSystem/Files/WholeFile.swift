import Glibc

/// All bytes of a file; `nil` where there is none.
package func contentsIfPresent(of path: String) throws(FileError) -> [UInt8]? {
    do {
        return try InputFile.read(path)
    } catch {
        if error.code == ENOENT { return nil }
        throw error
    }
}

/// What a power failure may leave of a file that was not synced: nothing, or zeros.
package func isLost(_ bytes: [UInt8]) -> Bool { bytes.allSatisfy { $0 == 0 } }

/// When a file was last written, in seconds since 1970; `nil` where it cannot be told.
package func modificationTime(of path: String) -> Double? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
}
