import Foundation
import FurrowSystem

/// How the jobs that an application made for a stage in its last start differ from those in the
/// journal. A sweep's jobs are known from its file; an application's only while it makes them.
package struct StageChanges: Codable, Sendable, Equatable {
    /// The stage's name.
    package let stage: String
    /// Its number among the stages of that name.
    package let occurrence: Int
    /// The jobs that are no longer made.
    package var removed: Set<JobIdentity> = []
    /// The numbers, from 1, of jobs that have another one than when they were recorded.
    package var numbers: [JobIdentity: Int] = [:]

    /// No differences.
    package init(of stage: JournalIndex.Stage) {
        self.stage = stage.name
        occurrence = stage.occurrence
    }

    /// A job's number now, from 1; `nil` if the stage no longer has the job.
    ///
    /// - Parameters:
    ///   - job: the job.
    ///   - number: its number, from 1, when it was recorded.
    package func number(of job: JobIdentity, recordedAs number: Int) -> Int? {
        removed.contains(job) ? nil : numbers[job] ?? number
    }

    private var place: JournalIndex.Stage {
        JournalIndex.Stage(name: stage, occurrence: occurrence)
    }

    /// The changes of a run's stages.
    ///
    /// - Parameter directory: the run's directory.
    /// - Throws: ``FileError``; an error if the file is damaged.
    static func read(in directory: String) throws -> [JournalIndex.Stage: StageChanges] {
        let path = RunLayout(directory).changes
        guard let bytes = try contentsIfPresent(of: path) else { return [:] }
        let list: [StageChanges]
        do {
            list = try JSONDecoder.journal.decode([StageChanges].self, from: Data(bytes))
        } catch {
            throw InputError("\(path) is damaged; remove it, and resume the run")
        }
        return Dictionary(list.map { ($0.place, $0) }) { $1 }
    }

    /// Writes them, in place of those of an earlier start.
    ///
    /// - Parameter directory: the run's directory.
    package func write(in directory: String) throws {
        var all: [JournalIndex.Stage: StageChanges] = [:]
        do {
            all = try Self.read(in: directory)
        } catch let damage as InputError {
            StandardError.write("Warning: \(damage); a new one is written")
        }
        let isNew = !removed.isEmpty || !numbers.isEmpty
        guard isNew || all[place] != nil else { return }
        all[place] = isNew ? self : nil
        let list = all.values.sorted { ($0.stage, $0.occurrence) < ($1.stage, $1.occurrence) }
        try AtomicFile.write(
            try JSONEncoder.journal.encode(list),
            to: RunLayout(directory).changes
        )
    }
}
