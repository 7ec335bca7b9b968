import CLinux
import FurrowSystem
import Glibc

/// What a rank has heard from others by now, for the processes that stand in for it: what each
/// collective brought, and how each stage ended. A file in memory, which a process reads from its
/// beginning.
///
/// The first eight bytes are its length; then entries, each behind its kind and length.
struct StageLog: Sendable {
    enum Kind: UInt64, Sendable {
        /// A ``LogPlace``.
        case place
        /// What a collective brought.
        case collective
        /// A stage ended: why it failed, or nothing.
        case stageEnd
    }

    let descriptor: Int32

    /// A new one.
    init() throws(FileError) {
        let file = clinux_memory_file("furrow-log")
        guard file >= 0 else { throw FileError("a file in memory") }
        descriptor = fcntl(file, F_DUPFD_CLOEXEC, JobProcess.firstOwnDescriptor)
        close(file)
        guard descriptor >= 0 else { throw FileError("a file in memory") }
        try write([0], at: 0)
    }

    /// One that a rank has made.
    init(reading descriptor: Int32) { self.descriptor = descriptor }

    // MARK: In the rank

    /// Adds an entry.
    func append(_ kind: Kind, _ bytes: [UInt8]) throws(FileError) {
        let end = length
        try write([kind.rawValue, UInt64(bytes.count)], at: 8 + end)
        try writeBytes(bytes[...], at: 8 + end + 16)
        try write([UInt64(end + 16 + bytes.count)], at: 0)
    }

    private func write(_ values: [UInt64], at offset: Int) throws(FileError) {
        try writeBytes(values.withUnsafeBytes { [UInt8]($0) }[...], at: offset)
    }

    private func writeBytes(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(FileError) {
        var (rest, offset) = (bytes, offset)
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError("a file in memory") }
            rest = rest.dropFirst(count)
            offset += count
        }
    }

    // MARK: In the process

    private var length: Int {
        let length = read(8, at: 0)
        return length.count == 8 ? length.integer(at: 0) : 0
    }

    private func read(_ count: Int, at offset: Int) -> [UInt8] {
        guard let bytes = readPart(count, at: offset, of: descriptor) else {
            preconditionFailure("a rank's log cannot be read: \(FileError("a file in memory"))")
        }
        return bytes
    }

    /// The entry at a position, if it is there, and the position of the next.
    func entry(at position: inout Int) -> (kind: Kind, bytes: [UInt8])? {
        guard position < length else { return nil }
        let head = read(16, at: 8 + position)
        guard head.count == 16, let kind = Kind(rawValue: UInt64(head.integer(at: 0))) else {
            preconditionFailure("the log of a rank is damaged")
        }
        let count = head.integer(at: 8)
        let bytes = read(count, at: 8 + position + 16)
        position += 16 + count
        return (kind, bytes)
    }
}

/// Which rank a log is of.
struct LogPlace: Codable, Sendable {
    var rank: Int
    var size: Int
    var host: String
}
