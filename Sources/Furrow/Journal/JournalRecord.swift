internal import Foundation

/// One attempt at a job as the journal keeps it: a line of JSON.
public struct JournalRecord: Sendable, Codable {
    /// How an attempt ended.
    public enum State: String, Sendable, Codable {
        /// It returned a result.
        case succeeded
        /// It threw an error.
        case failed
        /// It ended because the stage was stopped.
        case cancelled
    }

    /// The stage's name.
    public var stage: String
    /// Which of the run's stages of that name it is, from 1; `nil` in a record of version 0.1.
    public var stageOccurrence: Int?
    /// Which job it was, across runs.
    public var id: JobIdentity
    /// The job's number in its stage, from 1, in the run that made the record.
    public var job: Int
    /// Which attempt, from 1.
    public var attempt: Int
    /// How it ended.
    public var state: State
    /// When it began, in seconds since 1970.
    public var start: Double
    /// How long it took, in seconds.
    public var duration: Double
    /// The worker's task id; `nil` when serial.
    public var taskID: Int?
    /// The rank.
    public var rank: Int
    /// The host.
    public var host: String
    /// The device, as its environment variable names it.
    public var device: String?
    /// The error in words, where it failed.
    public var message: String?

    enum CodingKeys: String, CodingKey {
        case stage
        case stageOccurrence = "stage_occurrence"
        case id, job, attempt, state, start, duration
        case taskID = "task_id"
        case rank, host, device, message
    }

    /// The record as a line of JSON with its line feed.
    ///
    /// - Parameters:
    ///   - parameters: the job's parameters, a JSON value.
    ///   - result: what the attempt returned, or what its error keeps, a JSON value.
    func line(parameters: String, result: String?) throws -> [UInt8] {
        let encoder = JSONEncoder.journal
        var line = try encoder.encode(self)
        line.removeLast()
        line.append(contentsOf: #","parameters":"#.utf8)
        line.append(contentsOf: parameters.utf8)
        if let result {
            line.append(contentsOf: #","result":"#.utf8)
            line.append(contentsOf: result.utf8)
        }
        line.append(contentsOf: "}\n".utf8)
        return Array(line)
    }
}

extension JSONEncoder {
    /// One line, keys sorted, every number exact: two equal values give the same bytes.
    static var journal: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return encoder
    }

    func text(_ value: some Encodable) throws -> String {
        String(decoding: try encode(value), as: UTF8.self)
    }
}

extension JSONDecoder {
    /// Reads what ``Foundation/JSONEncoder/journal`` wrote.
    static var journal: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return decoder
    }
}
