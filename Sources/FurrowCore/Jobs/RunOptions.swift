public import FurrowDevices
public import FurrowRuns
public import FurrowScheduling
package import FurrowSystem
public import Logging
import MPI

/// The options of a runner.
public struct RunOptions: Sendable {
    /// The stage's name; default: the job's.
    public var stage: String?
    /// How jobs are dealt.
    public var schedule = Schedule.dynamic(chunk: nil)
    /// How many workers take jobs; `nil`: all.
    public var nJobs: Int?
    /// What happens to the other jobs when one fails.
    public var onFailure = FailurePolicy.abort
    /// What happens when a rank dies. `LossPolicy.continue` needs a ``journal``:
    /// without one the results of a dead rank are lost.
    public var onLoss = LossPolicy.abort
    /// How many ranks may die before the run ends after all; `nil`: all but rank 0 and one other.
    /// Counts for the whole launch.
    public var maxLost: Int?
    /// How long a worker's rank may go without a sign of life, in whole seconds, before it is killed
    /// and counts as dead; `nil`: any time. A job cannot make its rank hang, however long it takes.
    public var heartbeat: Duration? = .seconds(120)
    /// How long a cancelled job may take to end before it is abandoned.
    public var grace = Duration.seconds(10)
    /// When the run must be over. A job is not started if, judging by the jobs so far, it would
    /// still run ``grace`` + 2 s before this. Only rank 0's value counts.
    public var deadline: ContinuousClock.Instant?
    /// The progress display on rank 0.
    public var progress = ProgressStyle.none
    /// Called with the stage's counts on rank 0 whenever they change, for an application's own
    /// display. It runs on the thread that deals jobs, so it must not wait.
    public var onProgress: (@Sendable (StageFailure.Counts) -> Void)?
    /// Where to write the counts in Prometheus' format, every second.
    package var metrics: RunMetrics.Target?
    /// Called on rank 0 with the first failure of each stage, on the thread that deals jobs.
    package var onFirstFailure: (@Sendable (JobFailure) -> Void)?
    /// The lowest level that jobs' loggers write.
    public var logLevel = Logger.Level.notice
    /// Which accelerators workers get.
    public var deviceKind = DeviceKind.auto
    /// How many devices of its node each worker gets.
    public var devicesPerJob = 1
    /// How often a failed job is retried, on another worker where one has room.
    public var retries = 0
    /// How long one attempt at a job may take; `nil`: the job's own ``Job/timeout``.
    public var timeout: Duration?
    /// How long to wait before the first retry; doubled for each further one.
    public var retryDelay = Duration.seconds(1)
    /// After how many failures in a row a worker is suspected, under the policy `continue`: if the
    /// jobs succeed elsewhere, it is taken out of the stage. `nil`: never.
    public var quarantine: Int? = 5
    /// Where jobs run. Those of a `PipelineCommand` have what its `--isolation` says, ``Isolation/auto``
    /// by default. A program that makes its own options has to choose: for a process of jobs it is
    /// started again, and does once more what it does before its first stage. That stage decides
    /// whether those behind it can have such a process.
    public var isolation = Isolation.none
    /// How often processes may end while they run a job before it counts as failed for good: no retry
    /// begins it again, and no resumed run either, until the program is rebuilt.
    public var crashLimit = 3
    /// The numbers, from 0, of jobs that are left out, in every stage. Those that have succeeded in an
    /// earlier run keep their results.
    public var skipped: Set<Int> = []
    /// The journal, which records every attempt and knows the jobs that need not run again; `nil`:
    /// none.
    public var journal: Journal?
    /// Whether a job that takes several times as long as the others runs on a second worker too, once
    /// one has nothing else to do. Only for jobs whose ends may be recorded twice.
    package var copiesStragglers = false
    /// Whether the stage's name is unique in the run, as in a sweep.
    package var hasUniqueStage = false
    /// A resource of this rank for its jobs, for example an open data set or a connection. It is
    /// not sent to other ranks.
    public var resource: (any Sendable)?
    /// The function of a ``FunctionJob``.
    var function: (any Sendable)?
    /// Where the results of this rank's jobs are added up.
    var accumulator: (any Sendable)?
    /// The data that rank 0 sent to every rank.
    var shared: (any Sendable)?
    /// Takes what jobs emit, on rank 0.
    var onEmitted: (@Sendable ([UInt8]) -> Void)?
    /// Syncs files that the jobs' records refer to. Called on each worker before its part of the
    /// journal is synced, from any thread. Its error ends the run.
    package var beforeSync: JournalWriter.BeforeSync?
    /// How to resume after an interruption, for the message about it.
    public var resumption = "use --run-dir to make a run resumable"
    /// The directory for the stage's files.
    public var directory = RunDirectory(under: "runs", name: "run")
    /// The most bytes of one MPI message and of one round of a gather or scatter.
    public var messageLimit = Communicator.roundLimit

    /// What a process shares with the rank that it runs jobs for; `nil` in a rank.
    var standIn: StandIn?

    /// What is known of the run once its stages begin; `nil` where all is known before.
    package var late: LateOptions?

    /// The defaults.
    public init() {}

    /// With what is known of the run by now. For runners, when a stage begins.
    var resolved: RunOptions { late?.apply(to: self) ?? self }

    /// The identity of the run's next stage. Call it once per stage, on every rank.
    ///
    /// - Parameters:
    ///   - name: the stage's name.
    ///   - type: the type of its jobs.
    func nextStage(_ name: String, of type: Any.Type) -> StageIdentity {
        if hasUniqueStage { return StageIdentity(unique: name) }
        let type = identityType(of: type)
        return StageIdentity(name, of: type, occurrence: journal?.occurrences.next(name) ?? 1)
    }

    /// When running jobs are cancelled to meet ``deadline``. The two seconds after the grace period
    /// are for noticing its end, gathering and saving.
    package var lastMoment: MonotonicTime? {
        deadline.map { MonotonicTime($0) - grace - .seconds(2) }
    }
}

extension RunOptions {
    /// How long a job waits that has failed in an attempt.
    func retryDelay(after attempt: Int) -> Duration { retryDelay * (1 << min(attempt - 1, 30)) }
}
