import Glibc

/// All bytes of a file, read at once.
package func contents(of path: String) throws(FileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count > 0 {
            bytes += buffer[..<count]
        } else if count == 0 {
            return bytes
        } else if errno != EINTR {
            throw FileError(path)
        }
    }
}

/// All bytes of a file; `nil` where there is none.
package func contentsIfPresent(of path: String) throws(FileError) -> [UInt8]? {
    do {
        return try contents(of: path)
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
