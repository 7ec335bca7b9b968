public import FurrowDevices
import FurrowRuns
public import Logging
import Synchronization

/// Where and as what a job runs.
public struct JobContext: Sendable {
    /// The job's number in its stage, from 0, in the order in which the generator made them.
    public let index: Int
    /// Which attempt at this job it is, from 1.
    public let attempt: Int
    // All else is made when somebody asks: a job of a microsecond is not to pay for a logger.
    let executor: JobExecutor
    let recording: Recording?

    /// The worker's rank − 1, 0 ..< number of workers; `nil` when the job runs serially.
    public var taskID: Int? { executor.taskID }
    /// The accelerator to use, if there is one.
    public var device: Device? { executor.device }
    /// What this rank has for its jobs, see ``RunOptions/resource``.
    public var resource: (any Sendable)? { executor.options.resource }

    /// Logs to this rank's standard error, with the job's number as metadata.
    public var logger: Logger {
        var logger = Logger(label: executor.stage.name) {
            StreamLogHandler.standardError(label: $0)
        }
        logger.logLevel = executor.options.logLevel
        logger[metadataKey: "job"] = "\(index + 1)"
        if let taskID { logger[metadataKey: "task"] = "\(taskID)" }
        return logger
    }

    /// Records more of this attempt in the journal than its output, or than its failure, in place of
    /// the output. Nothing without a journal.
    public func record(_ value: some Encodable & Sendable) { recording?.set(value) }

    /// Shows a text on rank 0's terminal, in one piece and above the progress display.
    ///
    /// - Parameter text: whole lines; bytes that are no UTF-8 arrive as they are.
    public func show(_ text: some Sequence<UInt8>) { executor.show(Array(text)) }
}

/// What a job wants recorded of its attempt.
final class Recording: Sendable {
    private let value = Mutex<(any Encodable & Sendable)?>(nil)

    func set(_ new: any Encodable & Sendable) { value.withLock { $0 = new } }
    func take() -> (any Encodable & Sendable)? { value.withLock { $0 } }
}
