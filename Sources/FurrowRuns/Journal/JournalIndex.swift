package import FurrowSystem

/// The index of a run's journal: each job's final record, and its position.
///
/// A job's final record is its success, if there was one, else its latest attempt.
package struct JournalIndex: Sendable {
    /// The position of a record.
    package struct Entry: Sendable {
        /// How the attempt ended.
        package let state: JournalRecord.State
        /// When it began, in seconds since 1970.
        package let start: Double
        /// The job's number, from 1, in the run that made the record.
        package let job: Int
        /// The stage's index in ``stages``.
        let stage: Int32
        /// The file's index in ``files``.
        let file: Int32
        /// The line's position in its file, in bytes.
        let offset: Int
        let length: Int32
        /// How often processes died of the job; most often of none.
        package let deaths: JobDeaths?
    }

    /// A stage of the journal.
    package struct Stage: Sendable, Hashable {
        /// Its name.
        package let name: String
        /// Its number among the run's stages of that name, from 1.
        package let occurrence: Int

        package init(name: String, occurrence: Int) {
            self.name = name
            self.occurrence = occurrence
        }

        /// Its unique label: `round`, and `round-2` for the second stage of that name.
        package var label: String { occurrence == 1 ? name : "\(name)-\(occurrence)" }

        /// A stage of some by its label.
        ///
        /// - Throws: ``UsageError`` where there is no such stage.
        package static func find(
            _ label: String,
            among stages: [Stage]
        ) throws(UsageError) -> Stage {
            if let stage = stages.first(where: { $0.label == label }) { return stage }
            let labels = stages.map(\.label).joined(separator: ", ")
            throw UsageError("there is no stage '\(label)' (there are: \(labels))")
        }
    }

    /// The journal's files.
    package private(set) var files: [String] = []
    /// The final record of every job.
    package private(set) var entries: [JobIdentity: Entry] = [:]
    /// The stages, in order of appearance.
    package private(set) var stages: [Stage] = []
    /// Whether there are records of version 0.1, whose identities depend only on the stage's name.
    package private(set) var hasFormerRecords = false
    /// The positions of damaged lines, without the incomplete last lines that a killed writer
    /// leaves.
    package private(set) var damaged: [String] = []
    /// All attempts, if they are kept.
    package private(set) var attempts: JournalAttempts?

    private let layout: RunLayout
    /// The files' indices in ``files``.
    private var numbers: [String: Int] = [:]
    /// How far each file has been read, in bytes and in lines.
    private var progress: [(bytes: Int, lines: Int)] = []

    /// Reads the journal of a run; the index is empty if there is none.
    ///
    /// - Parameters:
    ///   - directory: the run's directory.
    ///   - keepsAttempts: whether to keep all attempts, not only the final record of every job.
    /// - Throws: ``FileError`` if a file cannot be read.
    package init(of directory: String, keepsAttempts: Bool = false) throws {
        layout = RunLayout(directory)
        attempts = keepsAttempts ? JournalAttempts() : nil
        try refresh()
    }

    /// Reads the lines added since.
    ///
    /// - Throws: ``FileError`` if a file cannot be read.
    package mutating func refresh() throws {
        for name in try Presence.names(in: layout.journal) where RunLayout.isJournal(name) {
            try read(layout.journal + "/" + name)
        }
    }

    /// The stage of a record.
    package func stage(of entry: Entry) -> Stage { stages[Int(entry.stage)] }

    /// What a rank has recorded since this index was read.
    ///
    /// - Parameter rank: the rank, which has ended.
    /// - Throws: ``FileError`` if its file cannot be read.
    package func additions(of rank: Int) throws -> JournalIndex {
        var new = self
        new.entries = [:]
        new.damaged = []
        let path = layout.journal(rank: rank)
        if try Presence.of(path) { try new.read(path) }
        return new
    }

    private mutating func read(_ path: String) throws {
        let file: Int
        if let known = numbers[path] {
            file = known
        } else {
            file = files.count
            numbers[path] = file
            files.append(path)
            progress.append((0, 0))
        }
        var (offset, lines) = progress[file]
        try LinePieces.forEachLine(of: path, from: offset) { line, place in
            lines += 1
            if !line.isEmpty { enter(line, at: place, of: file, "\(path):\(lines)") }
            offset = place + line.count + 1
        }
        progress[file] = (offset, lines)
    }

    private mutating func enter(
        _ bytes: [UInt8],
        at offset: Int,
        of file: Int,
        _ place: @autoclosure () -> String
    ) {
        guard let record = try? JournalLine(bytes).record else {
            damaged.append(place())
            return
        }
        if record.stageOccurrence == nil { hasFormerRecords = true }
        let stage = number(of: record)
        attempts?.add(record, stage: stage)
        let entry = Entry(
            state: record.state,
            start: record.start,
            job: record.job,
            stage: Int32(stage),
            file: Int32(file),
            offset: offset,
            length: Int32(clamping: bytes.count),
            deaths: record.deaths
        )
        if let earlier = entries[record.id], !Self.supersedes(entry, earlier) { return }
        entries[record.id] = entry
    }

    private mutating func number(of record: JournalRecord) -> Int {
        let stage = Stage(name: record.stage, occurrence: record.stageOccurrence ?? 1)
        if let known = stages.firstIndex(of: stage) { return known }
        stages.append(stage)
        return stages.count - 1
    }

    private static func supersedes(_ new: Entry, _ old: Entry) -> Bool {
        if (new.state == .succeeded) != (old.state == .succeeded) { return new.state == .succeeded }
        return new.start >= old.start
    }
}
