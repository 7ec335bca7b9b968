import Foundation
public import FurrowDevices
package import FurrowRuns
import FurrowSystem
public import Logging
import Synchronization

/// The surroundings of a running job: its number, attempt, worker and device.
public struct JobContext: Sendable {
    /// The job's number in its stage, from 0, in the order in which the generator made them.
    public let index: Int
    /// The number of this attempt at the job, from 1.
    public let attempt: Int
    // Everything else is made on request: a job of a microsecond should not pay for a logger.
    let executor: JobExecutor
    let recording: Recording?

    /// The worker's rank − 1, 0 ..< number of workers; `nil` when the job runs serially.
    public var taskID: Int? { executor.taskID }
    /// The accelerator to use, if any.
    public var device: Device? { executor.device }
    /// This rank's resource for its jobs, see ``RunOptions/resource``.
    public var resource: (any Sendable)? { executor.options.resource }

    /// The data that rank 0 has sent to every rank, see ``ParallelRunner/sharing(_:)``.
    ///
    /// - Parameter type: the type of the data.
    /// - Returns: the data; `nil` if the stage shares none, or data of another type.
    public func shared<Data: Sendable>(_ type: Data.Type = Data.self) -> Data? {
        executor.options.shared as? Data
    }

    /// The name of this rank's host.
    public var host: String { executor.host }
    /// The run's directory, for checkpoints and other files of the job; `nil` for a run that keeps
    /// none.
    public var directory: String? { executor.options.journal?.directory }

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

    /// Writes a line to this rank's log in the run's directory, `output/worker-0003.log`, with the
    /// time, the job's number and the attempt's, in one piece. A run that keeps none has it on
    /// standard error, where mpirun may break lines if much comes at a time.
    ///
    /// - Parameter text: the line, without its end. Line feeds in it become spaces.
    /// - Throws: an error if it cannot be written.
    public func log(_ text: String) throws {
        let time = Date().formatted(.iso8601)
        let words = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        let line = "\(time) \(executor.stage.name) job \(index + 1) attempt \(attempt): \(words)"
        guard let log = executor.log else { return StandardError.write(line) }
        try log.write(line)
    }

    /// Records a value for this attempt in the journal, for people to read in place of its output,
    /// even if it fails. Without a journal it does nothing.
    public func record(_ value: some Encodable & Sendable) {
        recording?.set { try JSONEncoder.journal.text(value) }
    }

    /// Records a value in JSON, unchanged.
    package func record(_ value: JSON) { recording?.set { value.description } }

    /// Begins the attempt now: what the job did before, waiting for its turn, say, is no part of it.
    package func begin() { recording?.begin() }

    /// Shows a text on rank 0's terminal, in one piece and above the progress display.
    ///
    /// - Parameter text: whole lines; bytes that are not UTF-8 arrive unchanged.
    public func show(_ text: some Sequence<UInt8>) { executor.show(Array(text)) }
}

extension JobContext {
    /// The surroundings of a job in a unit test, which calls its `run` itself. Nothing is recorded.
    ///
    /// - Parameters:
    ///   - index: the job's number in its stage, from 0.
    ///   - attempt: the number of the attempt, from 1.
    ///   - taskID: the worker's rank − 1; `nil` for a serial run.
    ///   - device: the accelerator to use, if any.
    ///   - options: how the stage runs; its ``RunOptions/resource`` is that of the context.
    public init(
        index: Int = 0,
        attempt: Int = 1,
        taskID: Int? = nil,
        device: Device? = nil,
        options: RunOptions = RunOptions()
    ) {
        let executor = JobExecutor(
            stage: StageIdentity(unique: "test"),
            taskID: taskID,
            rank: taskID.map { $0 + 1 } ?? 0,
            host: hostName(),
            device: device,
            options: options
        )
        self.init(index: index, attempt: attempt, executor: executor, recording: nil)
    }
}

/// The value that a job records for its attempt.
final class Recording: Sendable {
    typealias Text = @Sendable () throws -> String

    private let text = Mutex<Text?>(nil)
    private let other = Mutex<(any Encodable & Sendable)?>(nil)
    private let beginning = Mutex<Beginning?>(nil)

    /// An instant by both clocks.
    struct Beginning {
        let date = Date()
        let instant = ContinuousClock.now
    }

    /// The result for the journal, if that is another than the job returns.
    var output: (any Encodable & Sendable)? {
        get { other.withLock { $0 } }
        set { other.withLock { $0 = newValue } }
    }

    /// When the attempt began, if that was not at once.
    var start: Beginning? { beginning.withLock { $0 } }

    func begin() { beginning.withLock { $0 = Beginning() } }

    func set(_ new: @escaping Text) { text.withLock { $0 = new } }
    func take() -> Text? { text.withLock { $0 } }
}
