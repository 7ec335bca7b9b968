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
        /// The stage's name.
        public let stage: String
        /// The file, by its place in ``files``.
        let file: Int
        /// The line's place in it, in bytes.
        let offset: Int
        let length: Int
    }

    /// The journal's files.
    public private(set) var files: [String] = []
    /// The last word on every job.
    public private(set) var entries: [JobIdentity: Entry] = [:]
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

    private mutating func read(_ path: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        let decoder = JSONDecoder.journal
        files.append(path)
        var start = data.startIndex
        var number = 0
        while start < data.endIndex {
            number += 1
            guard let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) else { return }
            defer { start = end + 1 }
            guard end > start else { continue }
            guard let head = try? decoder.decode(Head.self, from: data[start..<end]) else {
                damaged.append("\(path):\(number)")
                continue
            }
            let entry = Entry(
                state: head.state,
                start: head.start,
                stage: stages.name(head.stage),
                file: files.count - 1,
                offset: start,
                length: end - start
            )
            if let earlier = entries[head.id], !Self.supersedes(entry, earlier) { continue }
            entries[head.id] = entry
        }
    }

    /// One copy of each stage's name, however many entries have it.
    private var stages = Names()

    private struct Names: Sendable {
        private var names: Set<String> = []
        mutating func name(_ name: String) -> String {
            names.insert(name).memberAfterInsert
        }
    }

    private struct Head: Decodable {
        let id: JobIdentity
        let stage: String
        let state: JournalRecord.State
        let start: Double
    }

    private static func supersedes(_ new: Entry, _ old: Entry) -> Bool {
        if (new.state == .succeeded) != (old.state == .succeeded) { return new.state == .succeeded }
        return new.start >= old.start
    }
}

/// Reads single records of a journal again.
public struct JournalReader {
    private let index: JournalIndex
    private let handles: [FileHandle]

    /// - Throws: when one of the journal's files cannot be opened.
    public init(_ index: JournalIndex) throws {
        self.index = index
        handles = try index.files.map {
            try FileHandle(forReadingFrom: URL(fileURLWithPath: $0))
        }
    }

    /// A record, or as much of it as a type wants.
    ///
    /// - Throws: when the line cannot be read, or is not what the type wants.
    public func decode<Value: Decodable>(
        _ type: Value.Type,
        at entry: JournalIndex.Entry
    ) throws -> Value {
        var bytes = [UInt8](repeating: 0, count: entry.length)
        let count = pread(
            handles[entry.file].fileDescriptor,
            &bytes,
            entry.length,
            off_t(entry.offset)
        )
        guard count == entry.length else { throw FileError(index.files[entry.file]) }
        return try JSONDecoder.journal.decode(type, from: Data(bytes))
    }
}
