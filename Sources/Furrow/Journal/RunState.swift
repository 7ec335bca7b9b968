internal import Foundation
import Synchronization

/// What rank 0 knows of a running stage: `state.json`.
public struct RunState: Codable, Sendable {
    /// A job that runs.
    public struct Running: Codable, Sendable, Hashable {
        /// The task id of its worker.
        public var taskID: Int
        /// Its number, from 1.
        public var job: Int
        /// Since when, in seconds since 1970, as far as rank 0 knows.
        public var since: Double

        enum CodingKeys: String, CodingKey {
            case taskID = "task_id"
            case job, since
        }
    }

    /// When it was written, in seconds since 1970.
    public var updated = StateFile.now
    /// When the stage began.
    public var start = 0.0
    /// The stage's name.
    public var stage: String
    /// How many jobs it has, where that is known.
    public var total: Int?
    /// How they ended so far.
    public var counts: StageFailure.Counts
    /// What runs now. Jobs that end within a tenth of a second may not appear.
    public var running: [Running]
}

/// Writes `state.json`, every second while a stage runs. On rank 0.
final class StateFile: Sendable {
    private static let interval = Duration.seconds(1)
    static let name = "state.json"

    static var now: Double { Date().timeIntervalSince1970 }

    private struct State: Sendable {
        var last: ContinuousClock.Instant?
        var isWriting = false
        var hasFailed = false
    }

    private let path: String
    private let start = StateFile.now
    private let state = Mutex(State())
    // A file system that hangs must not keep the thread that calls MPI.
    private let queue = DispatchQueue(label: "state.json")

    init(in directory: String) { path = directory + "/" + Self.name }

    /// Writes, if it is time to and the last write is done.
    func update(_ new: @autoclosure () -> RunState) {
        let isDue = state.withLock { state in
            let now = ContinuousClock.now
            if state.isWriting { return false }
            if let last = state.last, now - last < Self.interval { return false }
            state.last = now
            state.isWriting = true
            return true
        }
        guard isDue else { return }
        let new = new()
        queue.async { self.write(new) }
    }

    /// Writes the last state of a stage, and waits until it is written.
    func finish(_ new: RunState) {
        queue.sync { write(new) }
    }

    private func write(_ new: RunState) {
        var new = new
        new.start = start
        do {
            // Not durable: after a power failure nobody asks what ran, and a sync every second would
            // keep the disk from those of the journal.
            try AtomicFile.write(
                try JSONEncoder.journal.encode(new),
                to: path,
                isDurable: false
            )
        } catch {
            // The journal is what counts; who looks at the state is told by its age.
            let isFirst = state.withLock { state in
                defer { state.hasFailed = true }
                return !state.hasFailed
            }
            if isFirst { StandardError.write("Warning: \(message(of: error))") }
        }
        state.withLock { $0.isWriting = false }
    }
}
