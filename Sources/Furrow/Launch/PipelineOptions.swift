public import ArgumentParser
import Logging

/// The command-line options of every application.
public struct PipelineOptions: ParsableArguments, Sendable {
    /// The configuration's file, if there is one.
    @Option(
        help: ArgumentHelp(
            "The configuration, in YAML; - is standard input. (default: none)",
            valueName: "file"
        )
    )
    public var config: String?

    /// Values that replace those of the configuration.
    @Option(
        name: .customLong("set"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "Replace a value of the configuration: STAGE.KEY=VALUE. May be repeated.",
            valueName: "setting"
        )
    )
    public var settings: [String] = []

    @Flag(help: "Show the jobs of each stage, as far as they are known, and run none.")
    var plan = false

    @Flag(help: "Print the JSON Schema of configurations, for editors, and run nothing.")
    var schema = false

    @Option(
        help: ArgumentHelp(
            "Cancel an attempt at a job that takes longer, and count it as failed: 90s, 10m. (default: "
                + "the job's own)",
            valueName: "time"
        )
    )
    var timeout: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "Where jobs run: process (in one beside their rank, so that a job that crashes is a failed "
                + "job), none (in their rank), or auto (process, but tiny jobs go on in their rank).",
            valueName: "place"
        )
    )
    var isolation = Isolation.auto

    /// How stages run.
    @OptionGroup public var runner: RunnerOptions

    /// For the argument parser.
    public init() {}

    /// Whether jobs run.
    var runsJobs: Bool { !plan && !schema }

    /// Checks the options together.
    public func validate() throws {
        if let timeout, timeout.duration <= .zero {
            throw ValidationError("--timeout must be longer than 0; leave it out for no limit")
        }
    }

    /// Reads the configuration.
    ///
    /// - Returns: its file's name and its text, to be sent to other ranks.
    func read() throws -> GivenConfiguration {
        guard let config else { return GivenConfiguration(file: nil, text: "") }
        let file = try Configuration(contentsOf: config == "-" ? "/dev/stdin" : config)
        return GivenConfiguration(file: config, text: file.text ?? "")
    }
}

/// A configuration as it was given, which every rank parses.
struct GivenConfiguration: Codable {
    /// Its name; `nil` without one.
    var file: String?
    var text: String

    /// The configuration with the values of `--set`.
    func parsed(setting settings: [String]) throws -> Configuration {
        let given =
            try file.map { try Configuration(parsing: text, file: $0) }
            ?? Configuration.empty(called: settings.isEmpty ? "no --config" : "--set")
        return try given.setting(settings, makesGroups: file == nil)
    }

    /// What the run's directory keeps of it.
    func record(setting settings: [String]) -> String {
        let head = file == nil ? "# no --config\n" : text
        let line = head.isEmpty || head.hasSuffix("\n") ? "" : "\n"
        return head + (settings.isEmpty ? "" : line)
            + settings.map { "# --set \($0.split(separator: "\n").joined(separator: " "))\n" }
            .joined()
    }
}
