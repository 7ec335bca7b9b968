public import ArgumentParser
import Logging

/// The command-line options that every application has.
public struct PipelineOptions: ParsableArguments {
    /// When to show which progress display.
    enum ProgressChoice: String, ExpressibleByArgument, CaseIterable {
        case auto, bar, plain, none
    }

    @Option(help: ArgumentHelp("The configuration, in YAML.", valueName: "file"))
    var config: String

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
    var grace = TimeLimit(.seconds(10))

    @Option(help: ArgumentHelp("Where the results of runs are kept.", valueName: "directory"))
    var runsDir = "runs"

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
    }

    /// The options of a runner, for a pipeline of this name.
    public func runOptions(name: String) -> RunOptions {
        var options = RunOptions()
        options.schedule = schedule
        options.nJobs = jobs
        options.onFailure = onFailure
        options.grace = grace.duration
        options.logLevel = logLevel
        options.directory = RunDirectory(under: runsDir, name: name)
        let launch = LaunchEnvironment(processEnvironment())
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

/// A length of time on the command line: seconds, or a number with `ms`, `s`, `m` or `h`.
public struct TimeLimit: Sendable, Hashable, ExpressibleByArgument {
    /// The time.
    public let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    /// Reads `10`, `10s`, `1.5m`, `2h` or `200ms`; `nil` for anything else.
    public init?(argument: String) {
        let number = argument.prefix { $0.isNumber || $0 == "." }
        let units: [Substring: Double] = ["": 1, "s": 1, "ms": 0.001, "m": 60, "h": 3600]
        guard let value = Double(number), let unit = units[argument.dropFirst(number.count)],
            value.isFinite, value * unit < 1e9
        else { return nil }
        duration = .seconds(value * unit)
    }

    /// As the help shows it.
    public var defaultValueDescription: String { "\(duration.seconds.formattedSeconds)s" }
}

extension Double {
    fileprivate var formattedSeconds: String {
        self == rounded() && abs(self) < 1e15 ? "\(Int(self))" : "\(self)"
    }
}

extension Schedule: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { description }
}

extension FailurePolicy: ExpressibleByArgument {}
