import Foundation
import Furrow

/// Standard output or error.
package enum OutputKind: String, Sendable {
    /// Standard output.
    case out
    /// Standard error.
    case err
}

/// An attempt at a job that runs.
struct RunningAttempt: Sendable, Hashable {
    /// The stage's place in the sweep, from 1.
    var stage: Int
    /// The job's number, from 1.
    var job: Int
    /// From 1.
    var attempt: Int
}

/// The folder `output` of a run's directory, as one start of the run uses it.
///
/// The first start writes to `worker-0003.out`, the second to `worker-0003.2.out`, and so on: what
/// the journal says of an earlier start's files stays true of them, also where they were removed.
/// What runs at the moment is in `running/2`.
struct OutputFolder: Sendable, Hashable {
    /// The run's directory.
    let directory: String
    /// Which start of the run it is, from 1.
    let start: Int

    /// The folder of a start that is known.
    init(in directory: String, start: Int) {
        self.directory = directory
        self.start = start
    }

    /// The folder of a new start: its number is one that no file and no record has.
    ///
    /// - Throws: ``Furrow/FileError`` or Foundation's, when the directory cannot be read.
    init(startingIn directory: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(directory)/output")
        let last = [
            names.map(Self.start(ofFile:)).max() ?? 0,
            try Self.runningStarts(in: directory).max() ?? 0,
            try Self.recordedStarts(of: directory),
        ]
        self.init(in: directory, start: (last.max() ?? 0) + 1)
    }

    /// The folder of the start whose jobs run, or were killed; `nil` where nothing is left of them.
    init?(runningIn directory: String) throws {
        guard let start = try Self.runningStarts(in: directory).max() else { return nil }
        self.init(in: directory, start: start)
    }

    // MARK: Names

    /// The file of all of a worker's output or errors.
    func path(rank: Int, _ kind: OutputKind) -> String {
        let number = start > 1 ? ".\(start)" : ""
        return "\(directory)/output/\(workerName(rank: rank))\(number).\(kind.rawValue)"
    }

    /// Where the commands that run have their files.
    private var running: String { "\(directory)/output/running/\(start)" }

    /// What a worker's command writes to when it starts.
    func runningPath(rank: Int, _ kind: OutputKind) -> String {
        "\(running)/\(workerName(rank: rank)).\(kind.rawValue)"
    }

    /// What a command writes to when it has run for a while.
    func path(running attempt: RunningAttempt, _ kind: OutputKind) -> String {
        "\(running)/\(Self.prefix(attempt))\(attempt.attempt).\(kind.rawValue)"
    }

    private static func prefix(_ attempt: RunningAttempt) -> String {
        "job-\(attempt.stage)-\(attempt.job)-"
    }

    /// The newest attempt at a job that has files.
    ///
    /// - Parameters:
    ///   - stage: its stage's place in the sweep, from 1.
    ///   - job: its number, from 1.
    func newestAttempt(stage: Int, job: Int) throws -> RunningAttempt? {
        var newest = RunningAttempt(stage: stage, job: job, attempt: 0)
        let prefix = Self.prefix(newest)
        for name in try Self.contents(of: running) where name.hasPrefix(prefix) {
            let number = name.dropFirst(prefix.count).prefix { $0 != "." }
            newest.attempt = max(newest.attempt, Int(number) ?? 0)
        }
        return newest.attempt > 0 ? newest : nil
    }

    // MARK: The folder itself

    /// Makes the folder of running commands, and removes what a start before this one left. On one
    /// rank, before any opens files.
    func makeRunningFolder() throws {
        let output = "\(directory)/output"
        let leftovers =
            try Self.runningStarts(in: directory).filter { $0 != start }.map { "running/\($0)" }
            // As version 0.1 called them.
            + Self.contents(of: output).filter { $0.hasSuffix(".running") }
        for name in leftovers {
            do {
                try FileManager.default.removeItem(atPath: "\(output)/\(name)")
            } catch {
                // Nobody reads what has an old number.
                StandardError.write("Warning: \(message(of: error))")
            }
        }
        try FileManager.default.createDirectory(
            atPath: running,
            withIntermediateDirectories: true
        )
    }

    /// Removes the folder of running commands, if no rank has left anything in it.
    func removeRunningFolder() {
        rmdir(running)
        rmdir("\(directory)/output/running")
    }

    /// Puts the names of the files on disk.
    func sync() throws(FileError) {
        let path = "\(directory)/output"
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path) }
        defer { close(descriptor) }
        // Some file systems cannot, and need not.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError(path) }
    }

    // MARK: Numbers

    /// Nothing, where there is no such folder.
    private static func contents(of folder: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch CocoaError.fileReadNoSuchFile {
            return []
        }
    }

    private static func runningStarts(in directory: String) throws -> [Int] {
        try contents(of: "\(directory)/output/running").compactMap { Int($0) }
    }

    /// The number in a name as ``path(rank:_:)`` makes it; that of the first start where there is
    /// none.
    private static func start(ofFile name: String) -> Int {
        guard name.hasPrefix("worker-") else { return 0 }
        let parts = name.split(separator: ".")
        return parts.count == 3 ? Int(parts[1]) ?? 1 : 1
    }

    /// How many starts the run's record knows of.
    private static func recordedStarts(of directory: String) throws -> Int {
        if let record = try? RunRecord(of: directory) {
            // A run that was submitted counts from when it was.
            return record.state == .submitted ? 0 : record.starts.count
        }
        // Without a record that can be read, the journal knows.
        struct Line: Decodable {
            struct Result: Decodable { var start: Int? }
            var result: Result?
        }
        let index = try JournalIndex(of: directory)
        let reader = JournalReader(index)
        return try index.entries.values.reduce(0) { last, entry in
            max(last, try reader.decode(Line.self, at: entry).result?.start ?? 1)
        }
    }
}
