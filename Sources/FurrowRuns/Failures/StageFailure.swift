import FurrowSystem
import Glibc

/// Why a stage failed, the same on every rank.
public struct StageFailure: Codable, Sendable, Hashable, CustomStringConvertible {
    /// The part that failed.
    public enum Cause: String, Codable, Sendable, Hashable {
        /// One or more jobs.
        case jobs
        /// Reading the configuration or other input.
        case input
        /// The command line.
        case usage
        /// The preparation of a rank for running jobs.
        case preparation
        /// The generator.
        case generator
        /// `Job.collect`.
        case collect
        /// `Job.save`.
        case save
        /// Recording how jobs ended.
        case journal
        /// A signal or a time limit that ended the stage early.
        case interrupted
        /// The death of a rank.
        case loss
    }

    /// How the jobs of a stage ended.
    public struct Counts: Codable, Sendable, Hashable {
        /// Returned a result.
        public var succeeded = 0
        /// Threw an error.
        public var failed = 0
        /// Ended because the stage was stopped.
        public var cancelled = 0
        /// Had not ended after the grace period.
        public var abandoned = 0
        /// Generated, but never started.
        public var notRun = 0
        /// Succeeded in an earlier run, and did not run again.
        public var kept = 0

        /// No jobs.
        public init() {}

        /// All jobs that ended without a result.
        package var unsuccessful: Int { failed + cancelled + abandoned }
        /// As text, for each kind that occurs.
        package var unsuccessfulParts: [String] {
            [(failed, "failed"), (cancelled, "cancelled"), (abandoned, "abandoned")]
                .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        }
        /// Adds how the jobs of a report ended.
        package mutating func add(_ report: Counts) {
            succeeded += report.succeeded
            failed += report.failed
            cancelled += report.cancelled
            abandoned += report.abandoned
        }
        /// All jobs that need no more work in this run.
        public var done: Int { succeeded + unsuccessful + kept }
    }

    /// The most failures with details.
    public static let detailLimit = 100

    /// The stage's name; empty before the first stage.
    public let stage: String
    /// What failed first.
    public let cause: Cause
    /// The text of the error, if it was not a job's.
    public let message: String
    /// How the jobs ended.
    public let counts: Counts
    /// The first ``detailLimit`` failures, in job order.
    public let failures: [JobFailure]

    /// - Parameters:
    ///   - stage: the stage's name; empty before the first stage.
    ///   - cause: what failed first.
    ///   - message: the text of the error, if it was not a job's.
    ///   - counts: how the jobs ended.
    ///   - failures: the first ``detailLimit`` failures, in job order.
    package init(
        stage: String,
        cause: Cause,
        message: String = "",
        counts: Counts = Counts(),
        failures: [JobFailure] = []
    ) {
        self.stage = stage
        self.cause = cause
        self.message = message
        self.counts = counts
        self.failures = failures
    }

    /// The exit status of a program whose pipeline ended in this failure.
    public var exitStatus: Int32 {
        switch cause {
        case .jobs, .loss: ExitStatus.jobsFailed.rawValue
        case .usage: ExitStatus.usage.rawValue
        case .input: ExitStatus.input.rawValue
        case .preparation, .generator, .collect, .save, .journal: ExitStatus.internalError.rawValue
        case .interrupted: ExitStatus.interrupted.rawValue
        }
    }

    /// What happened and where; several lines if jobs failed.
    public var description: String {
        var lines: [String] = []
        if cause == .usage || cause == .input {
            lines.append(message)
        } else if cause == .jobs || cause == .interrupted || cause == .loss {
            let end =
                switch cause {
                case .interrupted: "was interrupted"
                case .loss: "has lost a rank"
                default: "failed"
                }
            lines.append("stage '\(stage)' \(end): \(summary)")
            if !message.isEmpty { lines.append("  \(message)") }
        } else {
            let what = stage.isEmpty ? "the run" : "stage '\(stage)'"
            lines.append("\(what) failed in its \(cause.rawValue): \(message)")
            if counts != Counts() { lines.append("  jobs: \(summary)") }
        }
        let groups = Self.alike(failures.filter { $0.state != .cancelled })
        var told = 0
        for group in groups.prefix(10) {
            told += group.count
            let others = group.count > 1 ? "  (and \(group.count - 1) more like it)" : ""
            lines.append("  \(group[0])\(others)")
        }
        let more = counts.failed + counts.abandoned - told
        if more > 0 { lines.append("  … and \(more) more") }
        return lines.joined(separator: "\n")
    }

    /// Groups of failures with the same message, each at the position of its first.
    private static func alike(_ failures: [JobFailure]) -> [[JobFailure]] {
        var groups: [[JobFailure]] = []
        var places: [String: Int] = [:]
        for failure in failures {
            if let place = places[failure.message] {
                groups[place].append(failure)
            } else {
                places[failure.message] = groups.count
                groups.append([failure])
            }
        }
        return groups
    }

    private var summary: String {
        var parts = ["\(counts.failed) failed", "\(counts.succeeded) succeeded"]
        if counts.cancelled > 0 { parts.append("\(counts.cancelled) cancelled") }
        if counts.abandoned > 0 { parts.append("\(counts.abandoned) abandoned") }
        if counts.notRun > 0 { parts.append("\(counts.notRun) not run") }
        if counts.kept > 0 { parts.append("\(counts.kept) done before") }
        return parts.joined(separator: ", ")
    }
}

extension StageFailure.Cause {
    /// The cause of an error; `otherwise` if the error does not name one.
    package init(of error: any Error, otherwise: StageFailure.Cause) {
        switch error {
        case is any InputFailure: self = .input
        case is UsageError: self = .usage
        // Nothing that was given is wrong.
        case let error as FileError where [ENOSPC, EDQUOT].contains(error.code): self = .journal
        default: self = otherwise
        }
    }
}
