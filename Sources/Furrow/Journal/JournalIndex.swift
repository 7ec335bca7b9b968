internal import Foundation

/// What the journal of a run says of each job: the last word on it, and where it stands.
///
/// A job's last word is its success, if there was one, else its latest attempt.
public struct JournalIndex: Sendable {
    /// Where a record stands.
    public struct Entry: Sendable {
        /// How the attempt ended.
        public let state: JournalRecord.State
        /// When it began, in seconds since 1970.
        public let start: Double
        /// The line's place in its file, in bytes.
        let offset: Int
        let length: Int32
        /// The file, by its place in ``files``.
        let file: Int32
    }

    /// The journal's files.
    public private(set) var files: [String] = []
    /// The last word on every job.
    public private(set) var entries: [JobIdentity: Entry] = [:]
    /// Whether there are records of version 0.1, whose identities know a stage's name alone.
    private(set) var hasFormerRecords = false
    /// Lines that are no records, without the torn last ones that a killed writer leaves.
    public private(set) var damaged: [String] = []

    /// Reads the journal of a run; nothing, where there is none.
    ///
    /// - Parameter directory: the run's directory.
    /// - Throws: ``FileError`` or Foundation's, when a file cannot be read.
    public init(of directory: String) throws {
        let folder = directory + "/" + JournalWriter.folder
        guard FileManager.default.fileExists(atPath: folder) else { return }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        where name.hasSuffix(".jsonl") {
            try read(folder + "/" + name)
        }
    }

    /// How much of a file is in memory at a time; a longer line is, too.
    private static let pieceSize = 1 << 20

    private mutating func read(_ path: String) throws {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        files.append(path)
        var rest = Data()
        var offset = 0
        var number = 0
        while let piece = try handle.read(upToCount: Self.pieceSize), !piece.isEmpty {
            rest.append(piece)
            var start = rest.startIndex
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                number += 1
                if end > start { enter(rest[start..<end], at: offset, "\(path):\(number)") }
                offset += end + 1 - start
                start = end + 1
            }
            rest = Data(rest[start...])
        }
        // What follows the last line feed is a line that a killed writer left torn.
    }

    private mutating func enter(_ line: Data, at offset: Int, _ place: @autoclosure () -> String) {
        guard let head = try? JSONDecoder.journal.decode(Head.self, from: line) else {
            damaged.append(place())
            return
        }
        if head.stageOccurrence == nil { hasFormerRecords = true }
        let entry = Entry(
            state: head.state,
            start: head.start,
            offset: offset,
            length: Int32(clamping: line.count),
            file: Int32(files.count - 1)
        )
        if let earlier = entries[head.id], !Self.supersedes(entry, earlier) { return }
        entries[head.id] = entry
    }

    private struct Head: Decodable {
        let id: JobIdentity
        let state: JournalRecord.State
        let start: Double
        let stageOccurrence: Int?

        enum CodingKeys: String, CodingKey {
            case id, state, start
            case stageOccurrence = "stage_occurrence"
        }
    }

    private static func supersedes(_ new: Entry, _ old: Entry) -> Bool {
        if (new.state == .succeeded) != (old.state == .succeeded) { return new.state == .succeeded }
        return new.start >= old.start
    }
}
