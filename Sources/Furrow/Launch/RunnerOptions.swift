public import ArgumentParser
import Logging

/// The command-line options for how stages run and where a run is stored.
public struct RunnerOptions: ParsableArguments, Sendable {
    /// The choices of `--progress`.
    enum ProgressChoice: String, ExpressibleByArgument, CaseIterable {
        case auto, bar, plain, none
    }

    @Option(
        help: ArgumentHelp(
            "How jobs are dealt: static, static,K, dynamic or dynamic,K (K jobs per chunk).",
            valueName: "schedule"
        )
    )
    var schedule = Schedule.dynamic(chunk: nil)

    @Option(
        help: ArgumentHelp(
            "When a job fails: abort (cancel the others), finish (let running ones end) or "
                + "continue (run all).",
            valueName: "policy"
        )
    )
    var onFailure = FailurePolicy.abort

    @Option(
        help: ArgumentHelp(
            "When a rank dies: abort (end the run, keep what has finished) or continue (run its "
                + "jobs on the others).",
            valueName: "policy"
        )
    )
    var onLoss = LossPolicy.abort

    @Option(
        help: ArgumentHelp(
            "With --on-loss continue: how many ranks may die before the run ends (default: all "
                + "but one worker).",
            valueName: "n"
        )
    )
    var maxLost: Int?

    @Option(
        help: ArgumentHelp(
            "After how long without a sign of life a worker's rank is killed and has died: 30s, 5m, "
                + "or never. Long jobs are no reason.",
            valueName: "time"
        )
    )
    var heartbeat = HeartbeatLimit(duration: RunOptions().heartbeat)

    @Option(help: ArgumentHelp("How many workers take jobs (default: all).", valueName: "n"))
    var jobs: Int?

    @Option(
        help: ArgumentHelp(
            "How long a cancelled job may take to end: 10, 10s, 5m, 1h.",
            valueName: "time"
        )
    )
    var grace = TimeSpan(.seconds(10))

    @Option(
        help: ArgumentHelp(
            "How long the run may take: 90m, 2h, 02:00:00. A job starts only if, judging by the jobs so "
                + "far, it would end --grace before that. The time limit of a SLURM job "
                + "counts too.",
            valueName: "time"
        )
    )
    var walltime: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "When the run must be over: 18:30 or 2026-11-25T18:30; like --walltime.",
            valueName: "moment"
        )
    )
    var stopAt: TimeOfDay?

    @Option(help: "The devices that workers get: auto, cuda, rocm, level-zero or none.")
    var device = DeviceKind.auto

    /// How many GPUs of its node each worker gets.
    @Option(help: ArgumentHelp("How many GPUs of its node each worker gets.", valueName: "n"))
    public var gpusPerJob = 1

    /// How often a failed job is retried.
    @Option(help: ArgumentHelp("How often a failed job is retried.", valueName: "n"))
    public var retries: Int?

    /// How long to wait before the first retry.
    @Option(
        help: ArgumentHelp(
            "How long to wait before the first retry; doubled for each further one.",
            valueName: "time"
        )
    )
    public var retryDelay: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "With --on-failure continue: after N failures in a row on one worker, try these jobs on "
                + "another one, and take the worker out if they succeed there; or never.",
            valueName: "N"
        )
    )
    var quarantine = QuarantineLimit(failures: 5)

    @Option(
        help: ArgumentHelp(
            "After how many crashes a job has failed for good, and is not begun again.",
            valueName: "n"
        )
    )
    var crashLimit = RunOptions().crashLimit

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Leave these jobs out, in every stage: 3, or 3,7..9. May be repeated.",
            valueName: "jobs"
        )
    )
    var skip: [JobNumbers] = []

    /// The numbers, from 1, of the jobs that are left out.
    var skipped: Set<Int> { skip.reduce(into: []) { $0.formUnion($1.all) } }

    @OptionGroup var runs: RunsDirectoryOption

    /// The directory of all runs.
    public var runsDir: String { runs.runsDir }

    /// The directory of this run.
    @Option(
        help: ArgumentHelp(
            "Store this run, with its journal, in this directory.",
            valueName: "directory"
        )
    )
    public var runDir: String?

    /// The run to resume.
    @Option(
        defaultAsFlag: Resumption.newest,
        help: ArgumentHelp(
            "Resume a run: a directory, NAME, NAME/TIME, or the newest; completed jobs do not "
                + "run again.",
            valueName: "run"
        )
    )
    public var resume: Resumption?

    /// Whether failed jobs of the resumed run are not retried.
    @Flag(help: "With --resume: do not run failed jobs again.")
    public var keepFailed = false

    /// Whether the run ends without writing its report.
    @Flag(help: "Do not write a report for a browser at the end of the run.")
    public var noReport = false

    @Option(
        help: ArgumentHelp(
            "Write the counts of a recorded run to this file every second, in Prometheus' text "
                + "format.",
            valueName: "file"
        )
    )
    var metrics: String?

    @Option(
        help: ArgumentHelp(
            "A shell command to run at the first failure and at the end of a recorded run, with "
                + "FURROW_EVENT, FURROW_STATE and others in its environment.",
            valueName: "command"
        )
    )
    var notify: String?

    @Option(help: "The progress display; auto is a bar on a terminal, lines elsewhere.")
    var progress = ProgressChoice.auto

    @Option(
        help: ArgumentHelp(
            "The lowest level that jobs log: trace, debug, info, notice, warning, error or critical.",
            valueName: "level"
        ),
        transform: { text in
            guard let level = Logger.Level(rawValue: text) else {
                throw ValidationError("'\(text)' is not a log level")
            }
            return level
        }
    )
    var logLevel = Logger.Level.notice

    /// For the argument parser.
    public init() {}

    /// Checks the options together.
    public func validate() throws {
        if let runDir, runDir.isEmpty {
            throw ValidationError(
                "--run-dir '': must be a folder; is a variable of the shell unset?"
            )
        }
        if let jobs, jobs < 1 {
            throw ValidationError("--jobs must be 1 or more, but is \(jobs)")
        }
        if let retries, retries < 0 {
            throw ValidationError("--retries must be 0 or more, but is \(retries)")
        }
        if let maxLost {
            if maxLost < 0 {
                throw ValidationError("--max-lost must be 0 or more, but is \(maxLost)")
            }
            if onLoss == .abort {
                throw ValidationError("--max-lost needs --on-loss continue")
            }
        }
        if crashLimit < 1 {
            throw ValidationError("--crash-limit must be 1 or more, but is \(crashLimit)")
        }
        if gpusPerJob < 1 {
            throw ValidationError("--gpus-per-job must be 1 or more, but is \(gpusPerJob)")
        }
        if keepFailed, resume == nil {
            throw ValidationError("--keep-failed needs --resume")
        }
    }

    /// The options of a runner, for a pipeline of this name.
    public nonisolated(nonsending) func runOptions(name: String) async -> RunOptions {
        var options = RunOptions()
        options.schedule = schedule
        options.nJobs = jobs
        options.onFailure = onFailure
        options.onLoss = onLoss
        options.maxLost = maxLost
        options.heartbeat = heartbeat.duration
        options.grace = grace.duration
        if let retries { options.retries = retries }
        if let retryDelay { options.retryDelay = retryDelay.duration }
        options.quarantine = quarantine.failures
        options.crashLimit = crashLimit
        options.skipped = Set(skipped.map { $0 - 1 })
        options.logLevel = logLevel
        options.directory = RunDirectory(under: runsDir, name: name)
        options.deviceKind = device
        options.devicesPerJob = gpusPerJob
        let environment = processEnvironment()
        let launch = LaunchEnvironment(environment)
        if launch?.rank ?? 0 == 0 {
            options.deadline = await Walltime.deadline(
                length: walltime,
                timeOfDay: stopAt,
                environment: environment
            )
            if let end = options.lastMoment, end <= .now {
                let grace = Quantity.time(seconds: grace.duration.seconds)
                StandardError.write(
                    "Warning: the time limit leaves no time for a job: --grace (\(grace)) and two "
                        + "more seconds are reserved for the end"
                )
            }
        }
        switch progress {
        case .auto:
            let terminal = Terminal.behindStandardOutput(isLaunched: launch != nil)
            // Without a cursor to move, each drawing of a bar would be a line.
            let movesCursor = environment["TERM"] != "dumb"
            options.progress =
                terminal.flatMap { movesCursor ? .bar(columns: $0.columns) : nil } ?? .plain
        case .bar:
            let terminal = Terminal.behindStandardOutput(isLaunched: launch != nil)
            options.progress = .bar(columns: terminal?.columns ?? 80)
        case .plain:
            options.progress = .plain
        case .none:
            options.progress = .none
        }
        return options
    }
}
