public import ArgumentParser
import Logging

/// The command-line options that say how stages run and where a run is kept.
public struct RunnerOptions: ParsableArguments {
    /// When to show which progress display.
    enum ProgressChoice: String, ExpressibleByArgument, CaseIterable {
        case auto, bar, plain, none
    }

    @Option(
        help: ArgumentHelp(
            "How jobs are dealt: static, static,K, dynamic or dynamic,K (K jobs a chunk).",
            valueName: "schedule"
        )
    )
    var schedule = Schedule.dynamic(chunk: nil)

    @Option(
        help: ArgumentHelp(
            "When a job fails: abort (cancel the others), finish (let those that run end) or "
                + "continue (run all).",
            valueName: "policy"
        )
    )
    var onFailure = FailurePolicy.abort

    @Option(help: ArgumentHelp("How many workers take jobs; all, if not given.", valueName: "n"))
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
            "How long the run may take: 90m, 2h, 02:00:00. No job starts that, by the times of those "
                + "that ended, would not end before that less --grace. The limit of a job of SLURM "
                + "counts too.",
            valueName: "time"
        )
    )
    var walltime: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "When the run has to be over: 18:30 or 2026-11-25T18:30, as --walltime.",
            valueName: "moment"
        )
    )
    var stopAt: TimeOfDay?

    @Option(help: "The devices that workers get: auto, cuda, rocm, level-zero or none.")
    var device = DeviceKind.auto

    /// How many of its node's GPUs each worker gets.
    @Option(help: ArgumentHelp("How many of its node's GPUs each worker gets.", valueName: "n"))
    public var gpusPerJob = 1

    /// How often a failed job is run again.
    @Option(help: ArgumentHelp("How often a failed job is run again.", valueName: "n"))
    public var retries: Int?

    /// How long to wait before that.
    @Option(
        help: ArgumentHelp(
            "How long to wait before a job is run again; twice as long each time after.",
            valueName: "time"
        )
    )
    public var retryDelay: TimeSpan?

    /// Where all runs are kept.
    @Option(help: ArgumentHelp("Where the results of runs are kept.", valueName: "directory"))
    public var runsDir = "runs"

    /// Where this run is kept.
    @Option(
        help: ArgumentHelp(
            "Keep this run, its journal included, in a directory of this name.",
            valueName: "directory"
        )
    )
    public var runDir: String?

    /// Which run to go on with; `newest` for the newest one.
    @Option(
        defaultAsFlag: RunOption.newest,
        help: ArgumentHelp(
            "Go on with a run: a directory, NAME, NAME/TIME, or the newest; what it has done is not "
                + "run again.",
            valueName: "run"
        )
    )
    public var resume: String?

    /// Whether failed jobs of the run to go on with are left as they are.
    @Flag(help: "With --resume: leave failed jobs as they are.")
    public var keepFailed = false

    @Option(help: "The progress display; auto is a bar on a terminal, lines elsewhere.")
    var progress = ProgressChoice.auto

    @Option(
        help: ArgumentHelp(
            "What jobs may log: trace, debug, info, notice, warning, error or critical.",
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

    /// Checks what no single option can.
    public func validate() throws {
        if let jobs, jobs < 1 {
            throw ValidationError("--jobs \(jobs): at least one worker has to take jobs")
        }
        if let retries, retries < 0 {
            throw ValidationError("--retries \(retries): expected 0 or more")
        }
        if gpusPerJob < 1 {
            throw ValidationError("--gpus-per-job \(gpusPerJob): expected 1 or more")
        }
        if keepFailed, resume == nil {
            throw ValidationError("--keep-failed goes with --resume")
        }
    }

    /// The options of a runner, for a pipeline of this name.
    public func runOptions(name: String) -> RunOptions {
        var options = RunOptions()
        options.schedule = schedule
        options.nJobs = jobs
        options.onFailure = onFailure
        options.grace = grace.duration
        if let retries { options.retries = retries }
        if let retryDelay { options.retryDelay = retryDelay.duration }
        options.logLevel = logLevel
        options.directory = RunDirectory(under: runsDir, name: name)
        options.deviceKind = device
        options.devicesPerJob = gpusPerJob
        let environment = processEnvironment()
        let launch = LaunchEnvironment(environment)
        if launch?.rank ?? 0 == 0 {
            options.deadline = Walltime.deadline(
                length: walltime,
                timeOfDay: stopAt,
                environment: environment
            )
            if let end = options.lastMoment, end <= .now {
                let grace = Quantity.time(seconds: grace.duration.seconds)
                StandardError.write(
                    "Warning: the time limit leaves no time for a job: --grace (\(grace)) and two "
                        + "seconds of it are kept for the end"
                )
            }
        }
        switch progress {
        case .auto:
            let terminal = Terminal.behindStandardOutput(isLaunched: launch != nil)
            options.progress = terminal.map { .bar(columns: $0.columns) } ?? .plain
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
