import Glibc
import SystemPackage

/// What is there. A path that the system cannot tell of is an error, and not taken for missing: a
/// run whose journal seemed to be gone would begin anew.
package enum Presence {
    /// Whether a path leads to a file or a folder.
    package static func of(_ path: String) throws(FileError) -> Bool {
        do {
            _ = try OpenFile.status(of: path)
            return true
        } catch let error where error.code == ENOENT || error.code == ENOTDIR {
            return false
        }
    }

    /// The names in a folder, sorted; none if it does not exist.
    ///
    /// Foundation's list is shorter, without an error, where the system fails in its middle.
    package static func names(in folder: String) throws(FileError) -> [String] {
        let stream: OpaquePointer
        do {
            stream = try FileError.naming(folder) {
                guard let stream = opendir(folder) else { throw Errno(rawValue: errno) }
                return stream
            }
        } catch let error where error.code == ENOENT {
            return []
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let name = try nextName(in: stream, of: folder) {
            names.append(String(decoding: name, as: UTF8.self))
        }
        return names.sorted()
    }

    /// The next name in a folder that is open; it may be no text.
    ///
    /// - Parameter folder: its path, for an error.
    /// - Returns: `nil` at the end.
    package static func nextName(
        in stream: OpaquePointer,
        of folder: String
    ) throws(FileError) -> [UInt8]? {
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw FileError(folder) }
                return nil
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) { return name }
        }
    }
}
