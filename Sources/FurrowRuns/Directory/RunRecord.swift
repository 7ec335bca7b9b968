import Foundation
import FurrowSystem

/// The record of a run: `run.json`.
package struct RunRecord: Codable, Sendable {
    /// The state of a run.
    package enum State: String, Codable, Sendable {
        /// It waits for SLURM to start it.
        case submitted
        /// It is running, or its ranks were killed.
        case running
        /// All jobs succeeded.
        case succeeded
        /// Jobs or something else failed.
        case failed
        /// It ended early and can be resumed.
        case interrupted
    }

    /// A rank and where it runs.
    package struct Rank: Codable, Sendable, Hashable {
        /// The rank.
        package var rank: Int
        /// Its host.
        package var host: String
        /// The device of its jobs.
        package var device: String?
        /// Its process; `nil` in a record of version 0.1.
        package var process: Int32?
        /// When that began, in ticks since the boot.
        package var processStart: String?

        enum CodingKeys: String, CodingKey {
            case rank, host, device, process
            case processStart = "process_start"
        }

        /// This process, as a rank.
        ///
        /// - Parameters:
        ///   - rank: the rank.
        ///   - host: its host.
        ///   - device: the device of its jobs.
        package init(rank: Int, host: String, device: String?) {
            self.rank = rank
            self.host = host
            self.device = device
            process = getpid()
            processStart = FurrowSystem.processStart(of: getpid())
        }
    }

    /// What runs are made of.
    package enum Kind: String, Codable, Sendable {
        /// Commands.
        case sweep
        /// The jobs of a typed application.
        case typed
    }

    /// Furrow's version.
    package var version = FurrowSystem.version
    /// The name of the runs of this program or sweep.
    package var name: String
    /// Its kind; `nil` in a record of version 0.1.
    package var kind: Kind?
    /// The names of the stages.
    package var stages: [String]
    /// The ranks, rank 0 first.
    package var ranks: [Rank]
    /// How jobs are dealt.
    package var schedule: String
    /// What happens to the other jobs when one fails.
    package var onFailure: String
    /// When the run was submitted or started, and each time it was resumed, in seconds since 1970.
    package var starts: [Double]
    /// When it ended, in seconds since 1970.
    package var end: Double?
    /// Its state.
    package var state: State
    /// Its exit status.
    package var status: Int32?
    /// The counts of each stage when it ended.
    package var counts: [StageCounts]?
    /// The workers that were taken out of a stage of the last start; `nil` if none was.
    package var removed: [RemovedWorker]?
    /// The numbers, from 1, of the jobs that the last start was told to leave out; `nil`: none.
    package var skipped: [Int]?
    /// The number of the SLURM job.
    package var slurmJob: String?
    /// The command line of rank 0.
    package var arguments: [String]
    /// The working directory of rank 0; `nil` in a record of version 0.1.
    package var workingDirectory: String?
    /// The revision that is checked out there, if it belongs to a Git repository.
    package var revision: String?
    /// The MPI library; `nil` in a record of version 0.1.
    package var mpi: String?
    /// What rank 0 did since the last start; `nil` before the end, and in a record of version 0.1.
    package var phases: [RunPhases.Phase]?

    enum CodingKeys: String, CodingKey {
        case version, name, kind, stages, ranks, schedule
        case onFailure = "on_failure"
        case starts, end, state, status, counts, removed, skipped
        case slurmJob = "slurm_job"
        case arguments
        case workingDirectory = "working_directory"
        case revision, mpi, phases
    }

    /// A missing or damaged record.
    struct Damage: Error {
        var path: String
        var what: String
    }

    /// Reads a run's record.
    ///
    /// - Parameter directory: the run's directory.
    /// - Throws: ``InputError`` if it is missing or damaged, ``FileError`` if it cannot be read.
    package init(of directory: String) throws {
        do {
            self = try Self.read(directory)
        } catch let damage as Damage {
            throw InputError(
                "\(damage.path) \(damage.what); --resume can still resume the run, and writes "
                    + "a new one"
            )
        }
    }

    /// - Throws: ``Damage``, ``FileError``.
    private static func read(_ directory: String) throws -> RunRecord {
        let path = RunLayout(directory).record
        guard let bytes = try contentsIfPresent(of: path) else {
            throw Damage(path: path, what: "is missing")
        }
        guard !isLost(bytes) else {
            throw Damage(path: path, what: "is empty, as a power failure may leave it")
        }
        do {
            return try JSONDecoder.journal.decode(Self.self, from: Data(bytes))
        } catch {
            throw Damage(path: path, what: "is damaged")
        }
    }

    /// When a run to be resumed was started. For a damaged record, the time of its last change.
    package static func earlierStarts(of directory: String) throws -> [Double] {
        do {
            return try read(directory).starts
        } catch let damage as Damage {
            StandardError.write("Warning: \(damage.path) \(damage.what); a new one is written")
            return modificationTime(of: damage.path).map { [$0] } ?? []
        }
    }

    /// The ranks of a run's last start; none where its record was lost.
    package static func earlierRanks(of directory: String) throws -> [Rank] {
        do {
            return try read(directory).ranks
        } catch is Damage {
            return []
        }
    }

    /// The sweep file that a run's last start named, if it has been changed since.
    ///
    /// - Parameter directory: the run's directory.
    /// - Throws: ``FileError`` if a file cannot be read.
    package static func editedSweep(of directory: String) throws -> String? {
        guard let record = try? read(directory), let start = record.starts.last,
            let folder = record.workingDirectory
        else { return nil }
        for name in record.arguments.dropFirst() where name.hasSuffix(".yaml") {
            let path = name.hasPrefix("/") ? name : "\(folder)/\(name)"
            guard let time = modificationTime(of: path), time > start,
                let now = try contentsIfPresent(of: path),
                now != (try contentsIfPresent(of: RunLayout(directory).configuration))
            else { continue }
            return name
        }
        return nil
    }

    /// When a run was first and last started, in seconds since 1970; of one whose record is lost, no
    /// file, or closed to this user, 0 and the last sign of life.
    static func starts(of directory: String) throws -> (first: Double, last: Double) {
        do {
            let starts = try read(directory).starts
            if let first = starts.first { return (first, starts.last ?? first) }
        } catch is Damage {
        } catch let error as FileError where [EACCES, EINVAL, ENXIO].contains(error.code) {
        }
        let time =
            modificationTime(of: RunLayout(directory).record) ?? modificationTime(of: directory)
        return (0, time ?? 0)
    }

    /// The record of a run that starts now in this process.
    ///
    /// - Parameters:
    ///   - name: the name of the runs of this program or sweep.
    ///   - kind: their kind.
    ///   - stages: the names of the stages.
    ///   - ranks: the ranks, rank 0 first.
    ///   - schedule: how jobs are dealt.
    ///   - onFailure: what happens to the other jobs when one fails.
    package init(
        name: String,
        kind: Kind,
        stages: [String],
        ranks: [Rank],
        schedule: String,
        onFailure: String
    ) {
        self.name = name
        self.kind = kind
        self.stages = stages
        self.ranks = ranks
        self.schedule = schedule
        self.onFailure = onFailure
        starts = [StateFile.now]
        state = .running
        slurmJob = processEnvironment()["SLURM_JOB_ID"]
        arguments = CommandLine.arguments
        workingDirectory = FileManager.default.currentDirectoryPath
        revision = GitRevision.current
    }

    /// The record of a submitted run that waits to start.
    ///
    /// - Parameters:
    ///   - name: what the runs of this sweep are called.
    ///   - stages: the names of the stages.
    ///   - schedule: how jobs are dealt.
    ///   - onFailure: what happens to the other jobs when one fails.
    package init(submitted name: String, stages: [String], schedule: String, onFailure: String) {
        self.init(
            name: name,
            kind: .sweep,
            stages: stages,
            ranks: [],
            schedule: schedule,
            onFailure: onFailure
        )
        state = .submitted
        // The job that it was submitted from, if any, does not count.
        slurmJob = nil
    }

    /// Writes it in one step, so that readers always find a complete file.
    ///
    /// - Parameter directory: the run's directory.
    package func write(to directory: String) throws {
        let encoder = JSONEncoder.journal
        encoder.outputFormatting.insert(.prettyPrinted)
        try AtomicFile.write(try encoder.encode(self), to: RunLayout(directory).record)
    }
}

extension RunState {
    /// Reads what rank 0 last knew.
    ///
    /// - Parameter directory: the run's directory.
    /// - Returns: `nil` where it has not written anything yet, or a power failure took it.
    /// - Throws: ``FileError`` when it cannot be read.
    package init?(of directory: String) throws {
        guard let bytes = try contentsIfPresent(of: RunLayout(directory).state),
            let state = try? JSONDecoder.journal.decode(Self.self, from: Data(bytes))
        else { return nil }
        self = state
    }
}
