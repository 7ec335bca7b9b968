import FurrowRuns

/// What the journal keeps of a command's attempt.
struct CommandResult: Sendable, Hashable, Codable {
    /// The status it left with; `nil` when a signal ended it or it did not start.
    var exit: Int32?
    /// The signal that ended it.
    var signal: Int32?
    /// Whether it took too long.
    var timedOut: Bool?
    /// Whether it failed and is tried again, if nothing ends the run meanwhile.
    var isTriedAgain: Bool?
    /// Processor time in seconds.
    var userTime: Double
    var systemTime: Double
    /// In bytes.
    var peakMemory: Int
    /// The start of the run whose files have its output, from 1; `nil`, as version 0.1 wrote it, is
    /// the first.
    var start: Int?
    /// Where its output stands in its worker's files.
    var out: OutputRange
    var err: OutputRange
    /// What it reported.
    var metrics: [String: JSONValue]

    enum CodingKeys: String, CodingKey {
        case exit, signal
        case timedOut = "timed_out"
        case isTriedAgain = "tried_again"
        case userTime = "user_time"
        case systemTime = "system_time"
        case peakMemory = "peak_memory"
        case start, out, err, metrics
    }

    init(
        _ outcome: ProcessOutcome,
        isTriedAgain: Bool,
        start: Int,
        out: OutputRange,
        err: OutputRange,
        metrics: [String: JSONValue]
    ) {
        if case .exited(let status) = outcome.end { exit = status }
        if case .signalled(let number) = outcome.end { signal = number }
        timedOut = outcome.timedOut ? true : nil
        self.isTriedAgain = isTriedAgain ? true : nil
        userTime = outcome.userTime
        systemTime = outcome.systemTime
        peakMemory = outcome.peakMemory
        self.start = start
        self.out = out
        self.err = err
        self.metrics = metrics
    }
}
