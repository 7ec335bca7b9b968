internal import Foundation
import Logging

/// Who runs jobs: one worker, or the one process of a serial run.
struct Seat: Sendable {
    var taskID: Int?
    var rank = 0
    var host: String
    var device: Device?
    var logLevel: Logger.Level

    /// Runs a job once.
    func run<Work: Job>(_ job: Work, index: Int) async throws -> Work.Output {
        var logger = Logger(label: Work.name) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        logger[metadataKey: "job"] = "\(index)"
        if let taskID { logger[metadataKey: "task"] = "\(taskID)" }
        return try await job.run(
            JobContext(taskID: taskID, index: index, attempt: 1, device: device, logger: logger)
        )
    }

    /// The record of a job that did not succeed.
    func failure(
        of job: (some Job)?,
        index: Int,
        _ state: JobFailure.State,
        _ message: String
    ) -> JobFailure {
        JobFailure(
            index: index,
            parameters: job.map(parameters) ?? "",
            taskID: taskID,
            rank: rank,
            host: host,
            device: device,
            attempt: 1,
            state: state,
            message: message
        )
    }
}

/// A job's parameters in one line of JSON, cut off where they are long.
private func parameters(of job: some Job) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf",
        negativeInfinity: "-inf",
        nan: "nan"
    )
    do {
        let text = String(decoding: try encoder.encode(job), as: UTF8.self)
        return text.count > 1000 ? text.prefix(1000) + "…" : text
    } catch {
        return "(parameters not representable as JSON: \(error))"
    }
}

/// An error in words, at most 16 KiB of them: a failure's record travels in a control message.
func message(of error: any Error) -> String {
    var text = String(describing: error)
    if let error = error as? CocoaError {
        // Foundation's own description is a dump of its fields.
        text = [error.localizedDescription, error.filePath].compactMap { $0 }.joined(separator: " ")
    }
    guard text.utf8.count > 16_384 else { return text }
    return String(decoding: text.utf8.prefix(16_384), as: UTF8.self) + "…"
}
