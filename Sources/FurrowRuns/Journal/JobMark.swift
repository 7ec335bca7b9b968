import Foundation
import FurrowSystem
import Glibc
import SystemPackage

/// The job that a rank runs at the moment, in memory that survives the process: a file of the run's
/// directory where there is a journal. So the next start of the run knows which job a process died
/// of.
///
/// Marking a job costs some stores into memory, and no system call. One job at a time.
package final class JobMark: Sendable {
    private enum Field {
        static let occurrence = 16
        static let start = 24
        static let identity = 32
        static let stage = 48
        static let parameters = 1024
    }

    private static let size = 16 << 10

    /// Safe to share: it is written by the one job that runs at a time, or by what ends that job, a
    /// word at a time; handlers of signals only read it; it is never released.
    nonisolated(unsafe) private let memory: UnsafeMutableRawPointer
    private let path: String?
    private let board: JobBoard?

    /// - Parameters:
    ///   - stage: the stage of the jobs.
    ///   - place: who runs them, for the last word: `rank 2 (node1)`.
    ///   - directory: the run's directory; `nil` for a run without a journal.
    ///   - rank: the rank.
    ///   - board: where the rank of this process sees the job; a rank itself has none.
    package init(
        of stage: StageIdentity,
        at place: String,
        in directory: String?,
        rank: Int,
        board: JobBoard? = nil
    ) {
        self.board = board
        let path = directory.map { RunLayout($0).running(rank: rank) }
        let shared = path.flatMap { Self.map($0) }
        // Never released: the handlers of signals may read it.
        memory = shared ?? Self.anonymous()
        self.path = shared == nil ? nil : path
        if shared != nil {
            memory.storeBytes(of: stage.occurrence, toByteOffset: Field.occurrence, as: Int.self)
            write(stage.name, at: Field.stage, most: Field.parameters - Field.stage)
        }
        // The rank says it.
        if board == nil { LastWord.watch(memory, as: "\(place): stage '\(stage.name)'") }
    }

    private static func anonymous() -> UnsafeMutableRawPointer {
        let size = LastWord.Field.size
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        return memory
    }

    /// A file as memory; `nil` where the file system does not allow it.
    private static func map(_ path: String) -> UnsafeMutableRawPointer? {
        guard let file = try? OpenFile(path, .readWrite, [.create, .truncate]) else { return nil }
        do {
            // Reserved now: on a full disk the first store would be a SIGBUS.
            try file.reserve(size)
        } catch {
            unlink(path)
            return nil
        }
        return try? file.map(size)
    }

    /// A job begins.
    package func begin(_ number: Int) {
        memory.storeBytes(of: number, toByteOffset: LastWord.Field.number, as: Int.self)
        memory.storeBytes(of: 1, toByteOffset: LastWord.Field.isRunning, as: Int32.self)
        board?.begin(number)
    }

    /// An attempt at the job begins.
    package func note(attempt: Int) { board?.note(attempt: attempt) }

    /// What the journal would have of the job that began.
    package func note(_ identity: JobIdentity, start: Double, parameters: String) {
        board?.note(start: start)
        guard path != nil else { return }
        memory.storeBytes(of: start, toByteOffset: Field.start, as: Double.self)
        memory.storeBytes(of: identity.hash, toByteOffset: Field.identity, as: UInt128.self)
        let room = Self.size - Field.parameters
        // Cut off it would not be JSON.
        let text = parameters.utf8.count < room - 8 ? parameters : "null"
        write(text, at: Field.parameters, most: room)
    }

    /// The job has ended, or was given up.
    package func end() {
        memory.storeBytes(of: 0, toByteOffset: LastWord.Field.isRunning, as: Int32.self)
        board?.end()
    }

    /// No job runs here any more.
    package func close() {
        end()
        if let path { unlink(path) }
    }

    private func write(_ text: String, at offset: Int, most: Int) {
        let bytes = Array(text.utf8.prefix(most - 8))
        memory.storeBytes(of: bytes.count, toByteOffset: offset, as: Int.self)
        bytes.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: memory + offset + 8, count: bytes.count)
                .copyMemory(from: $0)
        }
    }
}

extension JobMark {
    /// Records the jobs of which processes died, from the marks that they left. On rank 0, before a
    /// run is resumed.
    ///
    /// - Parameter directory: the run's directory, which is locked.
    /// - Throws: an error if the journal cannot be read or written.
    package static func recordDeaths(in directory: String) throws {
        let folder = RunLayout(directory).journal
        let marks = try Presence.names(in: folder)
            .compactMap { name in RunLayout.rankOfRunning(name).map { (folder + "/" + name, $0) } }
        guard !marks.isEmpty else { return }
        let index = try JournalIndex(of: directory)
        for (path, rank) in marks { try record(path, rank, on: hostName(), in: directory, index) }
    }

    /// Records the job of which another rank died, from the mark that it left. On rank 0.
    ///
    /// - Parameters:
    ///   - rank: the rank, which has ended.
    ///   - host: its host.
    ///   - directory: the run's directory.
    /// - Throws: an error if the journal cannot be read or written.
    package static func recordDeath(of rank: Int, on host: String, in directory: String) throws {
        let path = RunLayout(directory).running(rank: rank)
        guard try Presence.of(path) else { return }
        try record(path, rank, on: host, in: directory, JournalIndex(of: directory))
    }

    private static func record(
        _ mark: String,
        _ rank: Int,
        on host: String,
        in directory: String,
        _ index: @autoclosure () throws -> JournalIndex
    ) throws {
        // Its rank may have ended well after all.
        guard let bytes = try contentsIfPresent(of: mark) else { return }
        if var record = death(in: bytes, rank: rank, host: host) {
            let deaths = JobDeaths(after: try index().entries[record.record.id]?.deaths)
            record.record.deaths = deaths
            record.record.attempt = deaths.count
            let line = try record.record.line(parameters: record.parameters, result: nil)
            let writer = JournalWriter(in: directory, rank: rank)
            try writer.append(line, after: .seconds(1))
            try writer.close()
        }
        // Left, it would count at each start.
        guard unlink(mark) == 0 || errno == ENOENT else { throw FileError(mark) }
    }

    /// The record of a job of which its process died; `nil` for a mark of another end.
    private static func death(
        in mark: [UInt8],
        rank: Int,
        host: String
    ) -> (record: JournalRecord, parameters: String)? {
        guard mark.count == size else { return nil }
        func load<Value: BitwiseCopyable>(_ offset: Int, as type: Value.Type) -> Value {
            mark.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
        }
        func text(_ offset: Int, most: Int) -> String {
            let count = min(max(0, load(offset, as: Int.self)), most - 8)
            return String(decoding: mark[(offset + 8)..<(offset + 8 + count)], as: UTF8.self)
        }
        let end = load(LastWord.Field.end, as: Int32.self)
        let parameters = text(Field.parameters, most: size - Field.parameters)
        guard load(LastWord.Field.isRunning, as: Int32.self) == 1, end != 0, !parameters.isEmpty
        else { return nil }
        let record = JournalRecord(
            stage: text(Field.stage, most: Field.parameters - Field.stage),
            stageOccurrence: load(Field.occurrence, as: Int.self),
            id: JobIdentity(hash: load(Field.identity, as: UInt128.self)),
            job: load(LastWord.Field.number, as: Int.self) + 1,
            attempt: 1,
            state: .failed,
            start: load(Field.start, as: Double.self),
            duration: 0,
            taskID: rank > 0 ? rank - 1 : nil,
            rank: rank,
            host: host,
            device: nil,
            message: end == LastWord.exited
                ? "it called exit"
                : "its process ended by signal \(end)\(LastWord.meaning(of: end))"
        )
        return (record, parameters)
    }

    /// This program, as a rebuild changes it.
    package static let program: String = {
        guard let status = try? OpenFile.status(of: "/proc/self/exe") else { return "" }
        return "\(status.size)-\(status.st_mtim.tv_sec)"
    }()
}

/// How often processes died of a job.
package struct JobDeaths: Sendable, Hashable, Codable {
    /// How often.
    package var count: Int
    /// The program that did: after a rebuild it may fare better.
    package var program: String

    /// One more.
    ///
    /// - Parameter earlier: those before, which count if this program died.
    package init(after earlier: JobDeaths?) {
        let program = JobMark.program
        let known = earlier.flatMap { $0.program == program ? $0.count : nil } ?? 0
        self.init(count: known + 1, program: program)
    }

    /// - Parameters:
    ///   - count: how often.
    ///   - program: the program that did, by default this one.
    package init(count: Int, program: String = JobMark.program) {
        self.count = count
        self.program = program
    }

    /// Whether the job does not run again, with the same program.
    ///
    /// - Parameter limit: of how many deaths it has failed for good.
    package func isFinal(at limit: Int) -> Bool { count >= limit && program == JobMark.program }
}
