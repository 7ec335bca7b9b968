public import FurrowDevices
public import FurrowRuns
public import FurrowScheduling
public import Logging
import MPI

/// How a runner runs a stage.
public struct RunOptions: Sendable {
    /// The stage's name, where it is not the job's.
    public var stage: String?
    /// How jobs are dealt.
    public var schedule = Schedule.dynamic(chunk: nil)
    /// How many of the workers take jobs; all, when `nil`.
    public var nJobs: Int?
    /// What a failed job means for the others.
    public var onFailure = FailurePolicy.abort
    /// How long a cancelled job may take to end before it is abandoned.
    public var grace = Duration.seconds(10)
    /// When the run has to be over: no job starts that, by the times of those that ended, would not
    /// end before the ``grace`` and the two seconds that lead up to it. Looked at on rank 0.
    public var deadline: ContinuousClock.Instant?
    /// What rank 0 shows while a stage runs.
    public var progress = ProgressStyle.none
    /// Told of the stage's counts on rank 0 whenever they change, for a display of the application's
    /// own. Called on the thread that deals jobs: it must not wait.
    public var onProgress: (@Sendable (StageFailure.Counts) -> Void)?
    /// What the jobs' loggers let through.
    public var logLevel = Logger.Level.notice
    /// Which accelerators workers are given.
    public var deviceKind = DeviceKind.auto
    /// How many of its node's devices a worker gets.
    public var devicesPerJob = 1
    /// How often a failed job is run again, on the same worker.
    public var retries = 0
    /// How long to wait before a job is run again; twice as long each time after.
    public var retryDelay = Duration.seconds(1)
    /// Where every attempt is recorded, and what need not be run again; `nil` for nowhere.
    public var journal: Journal?
    /// Whether the name alone tells the stage from every other of the run, as in a sweep.
    package var hasUniqueStage = false
    /// What this rank has for its jobs: an open data set, a connection. Not sent anywhere.
    public var resource: (any Sendable)?
    /// Puts on disk what the jobs' records speak of; called on each worker before its part of the
    /// journal is synced, from any thread. Its error ends the run.
    package var beforeSync: JournalWriter.BeforeSync?
    /// What to do to go on after an interruption, for the message that tells of it.
    public var resumption = "start it with --run-dir to be able to go on"
    /// Where the stage's files go.
    public var directory = RunDirectory(under: "runs", name: "run")
    /// The most bytes of one MPI message and of one round of a gather or scatter.
    public var messageLimit = Communicator.roundLimit

    /// The defaults.
    public init() {}

    /// The identity of the next stage of the run. To be asked for once a stage, on every rank.
    ///
    /// - Parameters:
    ///   - name: the stage's name.
    ///   - type: the type of its jobs.
    func nextStage(_ name: String, of type: Any.Type) -> StageIdentity {
        if hasUniqueStage { return StageIdentity(unique: name) }
        return StageIdentity(name, of: type, occurrence: journal?.occurrences.next(name) ?? 1)
    }

    /// When jobs that still run are cancelled, for the sake of the ``deadline``: what their grace
    /// period leaves is for its end to be noticed, for the gather and for what is saved.
    package var lastMoment: ContinuousClock.Instant? { deadline.map { $0 - grace - .seconds(2) } }
}
