/// The settings of all jobs of a stage. Sent to every rank.
package struct StageSettings: Sendable, Hashable, Codable {
    /// The stage's name.
    package var name: String
    /// The command to run.
    package var command: CommandTemplate
    /// Additions to the environment.
    package var environment: [Variable] = []
    /// The folder to run it in; default: where Furrow was started.
    package var directory: Template?
    /// The sources of its metrics, besides the file `FURROW_RESULT`.
    package var metrics: [MetricRule] = []
    /// How long an attempt may take.
    package var timeout: Duration?
    /// How often a failed job is retried.
    package var retries: Int?
    /// How long to wait before the first retry; doubled for each further one.
    package var retryDelay: Duration?
    /// What ends of a command mean.
    package var exits = ExitRules()
    /// Commands around the jobs.
    package var hooks = StageHooks()
    /// The time between the starts of two commands, on whatever workers; `nil`: none.
    package var delay: Duration?
    /// The most bytes that a command may write to its standard output and error.
    package var outputLimit: Int?
    /// Whether commands are bound to the cores of their rank.
    package var bindsToCores = false

    /// An environment variable.
    package struct Variable: Sendable, Hashable, Codable {
        /// Its name.
        package var name: String
        /// Its value.
        package var value: Template
    }

    /// What defines its jobs besides their parameters: a checksum for each such key.
    package var definition: [String: String] = [:]

    init(name: String, command: CommandTemplate) {
        self.name = name
        self.command = command
    }

    /// What is filled in for each job.
    var templates: [Template] {
        command.templates + environment.map(\.value) + (directory.map { [$0] } ?? [])
    }

    /// The folder of a job's command; `nil`: the default, also where an optional place has no value.
    package func directory(_ context: CommandContext) -> [UInt8]? {
        directory.flatMap { $0.lacksOption(context) ? nil : $0.render(context) }
    }
}

/// How to find a metric in a command's standard output.
package struct MetricRule: Sendable, Hashable, Codable {
    /// Where to look.
    package enum Source: Sendable, Hashable, Codable {
        /// The group of a regular expression, in the last line that matches.
        case pattern(String)
        /// A key of the JSON object in the last line, with dots if it is nested.
        case lastLine(key: String)
    }

    /// The metric's name.
    package var name: String
    /// Where to look.
    package var source: Source
    /// Whether a job without it fails.
    package var isRequired = false
}
