import FurrowSystem

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

    private static let meaning = "a file in memory"

    let file: OpenFile

    /// A new one.
    init() throws(FileError) {
        file = try .inMemory("furrow-log", as: Self.meaning)
        try write([0], at: 0)
    }

    /// One that a rank has made.
    init(reading number: Int32) { file = OpenFile(number, as: Self.meaning) }

    // MARK: In the rank

    /// Adds an entry.
    func append(_ kind: Kind, _ bytes: [UInt8]) throws(FileError) {
        let end = length
        try write([kind.rawValue, UInt64(bytes.count)], at: 8 + end)
        try file.write(bytes, at: 8 + end + 16)
        try write([UInt64(end + 16 + bytes.count)], at: 0)
    }

    private func write(_ values: [UInt64], at offset: Int) throws(FileError) {
        try file.write(values.withUnsafeBytes { [UInt8]($0) }, at: offset)
    }

    // MARK: In the process

    private var length: Int {
        let length = read(8, at: 0)
        return length.count == 8 ? length.integer(at: 0) : 0
    }

    private func read(_ count: Int, at offset: Int) -> [UInt8] {
        do {
            return try file.read(count, at: offset)
        } catch {
            preconditionFailure("a rank's log cannot be read: \(error)")
        }
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
