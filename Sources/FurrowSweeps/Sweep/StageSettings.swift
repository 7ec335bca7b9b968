/// What all jobs of a stage have in common. Travels to every rank.
package struct StageSettings: Sendable, Hashable, Codable {
    /// The stage's name.
    package var name: String
    /// What to run.
    package var command: CommandTemplate
    /// Additions to the environment.
    package var environment: [Variable] = []
    /// Where to run it; where Furrow was started, if not given.
    package var directory: Template?
    /// Where its metrics come from, but for what it writes to `FURROW_RESULT`.
    package var metrics: [MetricRule] = []
    /// How long an attempt may take, in seconds.
    package var timeout: Double?
    /// How often a failed job is run again.
    package var retries: Int?
    /// How long to wait before that, in seconds; twice as long each time after.
    package var retryDelay: Double?
    /// Whether commands are confined to the cores of their rank.
    package var bindsToCores = false

    /// An environment variable.
    package struct Variable: Sendable, Hashable, Codable {
        /// Its name.
        package var name: String
        /// Its value.
        package var value: Template
    }

    init(name: String, command: CommandTemplate) {
        self.name = name
        self.command = command
    }
}

/// Where a metric is found in what a command wrote to its standard output.
package struct MetricRule: Sendable, Hashable, Codable {
    /// Where to look.
    package enum Source: Sendable, Hashable, Codable {
        /// The one group of a regular expression, in the last line that matches.
        case pattern(String)
        /// The last line, which is a JSON object; a key of it, with dots where it is nested.
        case lastLine(key: String)
    }

    /// The metric's name.
    package var name: String
    /// Where to look.
    package var source: Source
    /// Whether a job without it has failed.
    package var isRequired = false
}
