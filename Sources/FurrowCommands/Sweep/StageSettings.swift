/// What all jobs of a stage have in common. Travels to every rank.
public struct StageSettings: Sendable, Hashable, Codable {
    /// The stage's name.
    public var name: String
    /// What to run.
    public var command: CommandTemplate
    /// Additions to the environment.
    public var environment: [Variable] = []
    /// Where to run it; where Furrow was started, if not given.
    public var directory: Template?
    /// Where its metrics come from, but for what it writes to `FURROW_RESULT`.
    public var metrics: [MetricRule] = []
    /// How long an attempt may take, in seconds.
    public var timeout: Double?
    /// How often a failed job is run again.
    public var retries: Int?
    /// How long to wait before that, in seconds; twice as long each time after.
    public var retryDelay: Double?
    /// Whether commands are confined to the cores of their rank.
    public var keepsBinding = false

    /// An environment variable.
    public struct Variable: Sendable, Hashable, Codable {
        /// Its name.
        public var name: String
        /// Its value.
        public var value: Template
    }

    init(name: String, command: CommandTemplate) {
        self.name = name
        self.command = command
    }
}

/// Where a metric is found in what a command wrote to its standard output.
public struct MetricRule: Sendable, Hashable, Codable {
    /// Where to look.
    public enum Source: Sendable, Hashable, Codable {
        /// The one group of a regular expression, in the last line that matches.
        case pattern(String)
        /// The last line, which is a JSON object; a key of it, with dots where it is nested.
        case lastLine(key: String)
    }

    /// The metric's name.
    public var name: String
    /// Where to look.
    public var source: Source
    /// Whether a job without it has failed.
    public var isRequired = false
}
