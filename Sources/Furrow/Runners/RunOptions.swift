public import Logging
import MPI

/// How a runner runs a stage.
public struct RunOptions: Sendable {
    /// How jobs are dealt.
    public var schedule = Schedule.dynamic(chunk: nil)
    /// How many of the workers take jobs; all, when `nil`.
    public var nJobs: Int?
    /// What a failed job means for the others.
    public var onFailure = FailurePolicy.abort
    /// How long a cancelled job may take to end before it is abandoned.
    public var grace = Duration.seconds(10)
    /// What rank 0 shows while a stage runs.
    public var progress = ProgressStyle.none
    /// What the jobs' loggers let through.
    public var logLevel = Logger.Level.notice
    /// Where the stage's files go.
    public var directory = RunDirectory(under: "runs", name: "run")
    /// The most bytes of one MPI message and of one round of a gather or scatter.
    public var messageLimit = Communicator.roundLimit

    /// The defaults.
    public init() {}
}
