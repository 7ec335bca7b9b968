import Foundation
import Furrow
import FurrowRuns
import FurrowSystem
import SystemPackage

/// The folder `output` of a run's directory, as one start of the run uses it.
///
/// The first start writes to `worker-0003.out`, the second to `worker-0003.2.out`, and so on: what
/// the journal says of an earlier start's files stays true of them, also where they were removed.
/// What runs at the moment is in `running/2`.
struct OutputFolder: Sendable, Hashable {
    let layout: RunLayout
    /// Which start of the run it is, from 1.
    let start: Int

    /// The folder of a start that is known.
    init(in directory: String, start: Int) {
        layout = RunLayout(directory)
        self.start = start
    }

    /// The folder of a new start: its number is one that no file and no record has.
    ///
    /// - Throws: ``Furrow/FileError``, when the directory cannot be read.
    init(startingIn directory: String) throws {
        let layout = RunLayout(directory)
        let names = try Presence.names(in: layout.output)
        let last = [
            names.compactMap(RunLayout.start(ofOutput:)).max() ?? 0,
            try Self.runningStarts(layout).max() ?? 0,
            try Self.recordedStarts(of: directory),
        ]
        self.init(in: directory, start: (last.max() ?? 0) + 1)
    }

    /// The folder of the start whose jobs run, or were killed; `nil` where nothing is left of them.
    init?(runningIn directory: String) throws {
        guard let start = try Self.runningStarts(RunLayout(directory)).max() else { return nil }
        self.init(in: directory, start: start)
    }

    // MARK: Names

    /// The file of all of a worker's output or errors.
    func path(rank: Int, _ kind: OutputKind) -> String {
        layout.output(rank: rank, start: start, kind)
    }

    /// What a worker's command writes to when it starts.
    func runningPath(rank: Int, _ kind: OutputKind) -> String {
        layout.running(start: start, rank: rank, kind)
    }

    /// What a command writes to when it has run for a while.
    func path(running attempt: RunningAttempt, _ kind: OutputKind) -> String {
        layout.running(start: start, attempt, kind)
    }

    /// The newest attempt at a job that has files.
    ///
    /// - Parameters:
    ///   - stage: its stage's place in the sweep, from 1.
    ///   - job: its number, from 1.
    func newestAttempt(stage: Int, job: Int) throws -> RunningAttempt? {
        let names = try Presence.names(in: layout.running(start: start))
        let attempts = names.compactMap {
            RunLayout.attempt(ofRunning: $0, stage: stage, job: job)
        }
        return attempts.max { ($0.attempt, $1.rank) < ($1.attempt, $0.rank) }
    }

    // MARK: The folder itself

    /// Makes the folder of running commands, and removes what a start before this one left. On one
    /// rank, before any opens files.
    func makeRunningFolder() throws {
        let leftovers =
            try Self.runningStarts(layout).filter { $0 != start }.map(layout.running(start:))
            + Presence.names(in: layout.output).filter(RunLayout.isFormerRunning)
            .map { "\(layout.output)/\($0)" }
        for path in leftovers {
            do {
                try FileManager.default.removeItem(atPath: path)
            } catch {
                // Nobody reads what has an old number.
                StandardError.write("Warning: \(message(of: error))")
            }
        }
        try FileManager.default.createDirectory(
            atPath: layout.running(start: start),
            withIntermediateDirectories: true
        )
    }

    /// Removes the folder of running commands, if no rank has left anything in it.
    func removeRunningFolder() {
        rmdir(layout.running(start: start))
        rmdir(layout.running)
    }

    /// Puts the names of the files on disk.
    func sync() throws(FileError) { try Durability.sync(layout.output) }

    // MARK: Numbers

    private static func runningStarts(_ layout: RunLayout) throws -> [Int] {
        try Presence.names(in: layout.running).compactMap { Int($0) }
    }

    /// How many starts the run's record knows of.
    private static func recordedStarts(of directory: String) throws -> Int {
        if let record = try? RunRecord(of: directory) {
            // A run that was submitted counts from when it was.
            return record.state == .submitted ? 0 : record.starts.count
        }
        // Without a record that can be read, the journal knows.
        let index = try JournalIndex(of: directory)
        let reader = JournalReader(index)
        return try index.entries.values.reduce(0) { last, entry in
            max(last, try reader.attempt(at: entry).result?["start"]?.integer ?? 1)
        }
    }
}
