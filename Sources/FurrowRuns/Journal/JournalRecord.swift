package import Foundation
import FurrowSystem

/// The journal's record of one attempt at a job: a line of JSON.
package struct JournalRecord: Sendable, Codable {
    /// How an attempt ended.
    package enum State: String, Sendable, Codable {
        /// It returned a result.
        case succeeded
        /// It threw an error.
        case failed
        /// It ended because the stage was stopped.
        case cancelled
    }

    /// The stage's name.
    package var stage: String
    /// The stage's number among those of that name, from 1; `nil` in a record of version 0.1.
    package var stageOccurrence: Int?
    /// The job's identity across runs.
    package var id: JobIdentity
    /// The job's number in its stage, from 1, in the run that made the record.
    package var job: Int
    /// The number of the attempt, from 1.
    package var attempt: Int
    /// How it ended.
    package var state: State
    /// When it began, in seconds since 1970.
    package var start: Double
    /// How long it took, in seconds.
    package var duration: Double
    /// The worker's task id; `nil` when serial.
    package var taskID: Int?
    /// The rank.
    package var rank: Int
    /// The host.
    package var host: String
    /// The device's name in its environment variable.
    package var device: String?
    /// The text of its error, if it failed.
    package var message: String?
    /// Where its result is, if that is too large for the line.
    package var storedResult: StoredResult?
    /// How often processes died of it, this time included.
    package var deaths: JobDeaths?

    enum CodingKeys: String, CodingKey {
        case stage
        case stageOccurrence = "stage_occurrence"
        case id, job, attempt, state, start, duration
        case taskID = "task_id"
        case rank, host, device, message
        case storedResult = "stored_result"
        case deaths
    }

    /// A record of an attempt.
    ///
    /// - Parameters:
    ///   - stage: the stage's name.
    ///   - id: the job's identity across runs.
    ///   - job: the job's number in its stage, from 1.
    ///   - attempt: the number of the attempt, from 1.
    ///   - state: how it ended.
    ///   - start: when it began, in seconds since 1970.
    ///   - duration: how long it took, in seconds.
    ///   - taskID: the worker's task id; `nil` when serial.
    ///   - rank: the rank.
    ///   - host: the host.
    ///   - device: the device's name in its environment variable.
    ///   - message: the text of its error, if it failed.
    ///   - storedResult: where its result is, if that is too large for the line.
    package init(
        stage: String,
        stageOccurrence: Int? = nil,
        id: JobIdentity,
        job: Int,
        attempt: Int,
        state: State,
        start: Double,
        duration: Double,
        taskID: Int?,
        rank: Int,
        host: String,
        device: String?,
        message: String? = nil,
        storedResult: StoredResult? = nil
    ) {
        self.stage = stage
        self.stageOccurrence = stageOccurrence
        self.id = id
        self.job = job
        self.attempt = attempt
        self.state = state
        self.start = start
        self.duration = duration
        self.taskID = taskID
        self.rank = rank
        self.host = host
        self.device = device
        self.message = message
        self.storedResult = storedResult
    }

    /// The record as a line of JSON with its line feed. Its last member is the checksum of all
    /// before, so that a line which a disk returns with other bytes is not believed.
    ///
    /// - Parameters:
    ///   - parameters: the job's parameters, a JSON value.
    ///   - result: the attempt's result, or details of its error, a JSON value.
    package func line(parameters: String, result: String?) throws -> [UInt8] {
        let encoder = JSONEncoder.journal
        var line = try encoder.encode(self)
        line.removeLast()
        line.append(contentsOf: #","parameters":"#.utf8)
        line.append(contentsOf: parameters.utf8)
        if let result {
            line.append(contentsOf: #","result":"#.utf8)
            line.append(contentsOf: result.utf8)
        }
        let checksum = line.withUnsafeBytes { JournalLine.checksum(of: $0) }
        line.append(contentsOf: JournalLine.checksumName)
        line.append(contentsOf: "\(checksum)}\n".utf8)
        return Array(line)
    }
}

extension JSONEncoder {
    /// One line, keys sorted, every number exact: two equal values give the same bytes.
    package static var journal: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return encoder
    }

    /// A value as JSON.
    package func text(_ value: some Encodable) throws -> String {
        String(decoding: try encode(value), as: UTF8.self)
    }
}

extension JSONDecoder {
    /// Decodes the form written by ``Foundation/JSONEncoder/journal``.
    package static var journal: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return decoder
    }
}
