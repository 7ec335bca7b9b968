internal import Foundation
import Logging

/// Who runs jobs: one worker, or the one process of a serial run.
struct Seat: Sendable {
    var stage: String
    var taskID: Int?
    var rank: Int
    var host: String
    var device: Device?
    var logLevel = Logger.Level.notice
    var retries = 0
    var retryDelay = Duration.seconds(1)
    var resource: (any Sendable)?
    var journal: JournalWriter?
    var show: @Sendable ([UInt8]) -> Void = { _ in }

    init(stage: String, taskID: Int? = nil, rank: Int = 0, host: String, device: Device?) {
        self.stage = stage
        self.taskID = taskID
        self.rank = rank
        self.host = host
        self.device = device
    }

    /// A seat under a runner's options.
    init(
        stage: String,
        taskID: Int? = nil,
        rank: Int = 0,
        host: String,
        device: Device?,
        options: RunOptions
    ) {
        self.init(stage: stage, taskID: taskID, rank: rank, host: host, device: device)
        logLevel = options.logLevel
        retries = options.retries
        retryDelay = options.retryDelay
        resource = options.resource
        journal = options.journal.map { JournalWriter(in: $0.directory, rank: rank) }
    }

    enum Outcome<Value: Sendable>: Sendable {
        case success(Value)
        case failure(JobFailure)
        /// The attempt could not be recorded.
        case fault(JobFailure)
    }

    /// Runs a job, again where it fails and may, and records each attempt.
    ///
    /// - Parameter encode: makes what is kept of the output; what it throws is the job's failure.
    func run<Work: Job, Value>(
        _ job: Work,
        _ ticket: JobTicket,
        encode: (Work.Output) throws -> Value
    ) async -> Outcome<Value> {
        var attempt = 1
        while true {
            let start = Date()
            let clock = ContinuousClock.now
            let outcome: Outcome<Value>
            let recording = journal.map { _ in Recording() }
            var output: Work.Output?
            do {
                let result = try await job.run(context(ticket.number, attempt, recording))
                output = result
                outcome = .success(try encode(result))
            } catch {
                let isCancelled = error is CancellationError && Task.isCancelled
                let failure = failure(
                    of: job,
                    ticket.number,
                    attempt: attempt,
                    isCancelled ? .cancelled : .failed,
                    message(of: error)
                )
                if error is RunFault { return .fault(failure) }
                outcome = .failure(failure)
            }
            if let journal {
                do {
                    let duration = ContinuousClock.now - clock
                    let line = try line(
                        job,
                        ticket,
                        attempt,
                        start,
                        duration,
                        outcome,
                        recording?.take() ?? output
                    )
                    try journal.append(line, after: duration)
                } catch {
                    return .fault(
                        failure(
                            of: job,
                            ticket.number,
                            attempt: attempt,
                            .failed,
                            "its end could not be recorded: \(message(of: error))"
                        )
                    )
                }
            }
            guard case .failure(let failure) = outcome, failure.state == .failed,
                attempt <= retries, !Task.isCancelled
            else { return outcome }
            do {
                try await Task.sleep(for: retryDelay * (1 << min(attempt - 1, 30)))
            } catch {
                return outcome
            }
            attempt += 1
        }
    }

    private func context(_ number: Int, _ attempt: Int, _ recording: Recording?) -> JobContext {
        var logger = Logger(label: stage) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        logger[metadataKey: "job"] = "\(number + 1)"
        if let taskID { logger[metadataKey: "task"] = "\(taskID)" }
        return JobContext(
            taskID: taskID,
            index: number,
            attempt: attempt,
            device: device,
            logger: logger,
            resource: resource,
            recording: recording,
            show: show
        )
    }

    private func line<Work: Job>(
        _ job: Work,
        _ ticket: JobTicket,
        _ attempt: Int,
        _ start: Date,
        _ duration: Duration,
        _ outcome: Outcome<some Any>,
        _ result: (any Encodable)?
    ) throws -> [UInt8] {
        guard let identity = ticket.identity else {
            preconditionFailure("a journaled job has an identity")
        }
        var record = JournalRecord(
            stage: stage,
            id: identity,
            job: ticket.number + 1,
            attempt: attempt,
            state: .succeeded,
            start: start.timeIntervalSince1970,
            duration: duration.seconds,
            taskID: taskID,
            rank: rank,
            host: host,
            device: device?.description
        )
        if case .failure(let failure) = outcome {
            record.state = failure.state == .cancelled ? .cancelled : .failed
            record.message = failure.message
        }
        return try record.line(
            parameters: try job.describeParameters(),
            result: try result.map { try JSONEncoder.journal.text($0) }
        )
    }

    /// The record of a job that did not succeed.
    func failure(
        of job: (some Job)?,
        _ number: Int,
        attempt: Int = 1,
        _ state: JobFailure.State,
        _ message: String
    ) -> JobFailure {
        JobFailure(
            index: number,
            parameters: job.map(parameters) ?? "",
            taskID: taskID,
            rank: rank,
            host: host,
            device: device,
            attempt: attempt,
            state: state,
            message: message
        )
    }
}

/// A job's parameters in one line, cut off where they are long.
private func parameters(of job: some Job) -> String {
    do {
        let text = try job.describeParameters()
        return text.count > 1000 ? text.prefix(1000) + "…" : text
    } catch {
        return "(parameters not representable as JSON: \(error))"
    }
}

/// An error in words, at most 16 KiB of them: a failure's record travels in a control message.
public func message(of error: any Error) -> String {
    var text = String(describing: error)
    if let error = error as? CocoaError {
        // Foundation's own description is a dump of its fields.
        text = [error.localizedDescription, error.filePath].compactMap { $0 }.joined(separator: " ")
    }
    guard text.utf8.count > 16_384 else { return text }
    return String(decoding: text.utf8.prefix(16_384), as: UTF8.self) + "…"
}
