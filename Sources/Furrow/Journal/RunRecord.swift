internal import Foundation

/// What a run is and was: `run.json`.
public struct RunRecord: Codable, Sendable {
    /// How a run stands.
    public enum State: String, Codable, Sendable {
        /// It waits for SLURM to start it.
        case submitted
        /// It goes on, or its ranks were killed.
        case running
        /// All jobs succeeded.
        case succeeded
        /// Jobs, or something else, failed.
        case failed
        /// It ended early and can be resumed.
        case interrupted
    }

    /// A rank and where it runs.
    public struct Rank: Codable, Sendable, Hashable {
        /// The rank.
        public var rank: Int
        /// Its host.
        public var host: String
        /// The device of its jobs.
        public var device: String?
    }

    static let name = "run.json"

    /// Furrow's version.
    public var version = Furrow.version
    /// What the runs of this program or sweep are called.
    public var name: String
    /// The names of the stages.
    public var stages: [String]
    /// The ranks, rank 0 first.
    public var ranks: [Rank]
    /// How jobs are dealt.
    public var schedule: String
    /// What a failed job means for the others.
    public var onFailure: String
    /// When the run was submitted or began, and began anew each time it was resumed, in seconds since
    /// 1970.
    public var starts: [Double]
    /// When it ended, in seconds since 1970.
    public var end: Double?
    /// How it stands.
    public var state: State
    /// The exit status it ended with.
    public var status: Int32?
    /// The number of the SLURM job.
    public var slurmJob: String?
    /// The command line of rank 0.
    public var arguments: [String]

    enum CodingKeys: String, CodingKey {
        case version, name, stages, ranks, schedule
        case onFailure = "on_failure"
        case starts, end, state, status
        case slurmJob = "slurm_job"
        case arguments
    }

    /// Reads a run's record.
    ///
    /// - Parameter directory: the run's directory.
    /// - Throws: when there is none, or it cannot be read.
    public init(of directory: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: directory + "/" + Self.name))
        self = try JSONDecoder.journal.decode(Self.self, from: data)
    }

    init(name: String, stages: [String], ranks: [Rank], options: RunOptions) {
        self.name = name
        self.stages = stages
        self.ranks = ranks
        schedule = options.schedule.description
        onFailure = options.onFailure.rawValue
        starts = [StateFile.now]
        state = .running
        slurmJob = processEnvironment()["SLURM_JOB_ID"]
        arguments = CommandLine.arguments
    }

    /// The record of a run that waits for its ranks.
    public init(submitted name: String, stages: [String]) {
        self.init(name: name, stages: stages, ranks: [], options: RunOptions())
        state = .submitted
        // That of the job it is submitted from, if any.
        slurmJob = nil
    }

    /// Writes it, whole at any instant.
    ///
    /// - Parameter directory: the run's directory.
    public func write(to directory: String) throws {
        let encoder = JSONEncoder.journal
        encoder.outputFormatting.insert(.prettyPrinted)
        try AtomicFile.write(try encoder.encode(self), to: directory + "/" + Self.name)
    }
}

extension RunState {
    /// Reads what rank 0 last knew.
    ///
    /// - Parameter directory: the run's directory.
    /// - Returns: `nil` where it has not written anything yet.
    /// - Throws: when it cannot be read.
    public init?(of directory: String) throws {
        let path = directory + "/" + StateFile.name
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        self = try JSONDecoder.journal.decode(Self.self, from: data)
    }
}
