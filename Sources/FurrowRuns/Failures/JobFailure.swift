public import FurrowDevices

/// A job that did not succeed, with details.
public struct JobFailure: Codable, Sendable, Hashable, CustomStringConvertible {
    /// How a job ended without success.
    public enum State: String, Codable, Sendable, Hashable {
        /// It threw an error.
        case failed
        /// It ended because the stage was stopped.
        case cancelled
        /// It had not ended after the grace period.
        case abandoned
    }

    /// The job's number in its stage, from 0.
    public let index: Int
    /// Its parameters, as JSON.
    public let parameters: String
    /// The task id of the worker that ran it; `nil` when serial.
    public let taskID: Int?
    /// The rank that ran it.
    public let rank: Int
    /// The host that ran it; empty if rank 0 does not know it.
    public let host: String
    /// The device it was given.
    public let device: Device?
    /// The number of the attempt, from 1.
    public let attempt: Int
    /// How it ended.
    public let state: State
    /// The text of its error.
    public let message: String

    /// - Parameters:
    ///   - index: the job's number in its stage, from 0.
    ///   - parameters: its parameters, as JSON.
    ///   - taskID: the task id of the worker that ran it; `nil` when serial.
    ///   - rank: the rank that ran it.
    ///   - host: the host that ran it.
    ///   - device: the device it was given.
    ///   - attempt: which attempt it was, from 1.
    ///   - state: how it ended.
    ///   - message: the text of its error.
    package init(
        index: Int,
        parameters: String,
        taskID: Int?,
        rank: Int,
        host: String,
        device: Device?,
        attempt: Int,
        state: State,
        message: String
    ) {
        self.index = index
        self.parameters = parameters
        self.taskID = taskID
        self.rank = rank
        self.host = host
        self.device = device
        self.attempt = attempt
        self.state = state
        self.message = message
    }

    /// One line: what, where, why.
    public var description: String {
        let worker = taskID.map { "rank \(rank), task \($0)" } ?? "serial"
        let place = host.isEmpty ? worker : "\(worker), \(host)"
        let end = attempt > 1 ? "\(state.rawValue) at attempt \(attempt)" : state.rawValue
        let what = ["job \(index + 1)", parameters, end].filter { !$0.isEmpty }
        return "\(what.joined(separator: " ")) (\(place)): \(message)"
    }
}
