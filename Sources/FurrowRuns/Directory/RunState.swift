import Foundation
import FurrowSystem
import Synchronization

/// What rank 0 knows of a running stage: `state.json`.
package struct RunState: Codable, Sendable {
    /// A job that runs.
    package struct Running: Codable, Sendable, Hashable {
        /// The task id of its worker.
        package var taskID: Int
        /// Its number, from 1.
        package var job: Int
        /// Since when, in seconds since 1970, as far as rank 0 knows.
        package var since: Double

        enum CodingKeys: String, CodingKey {
            case taskID = "task_id"
            case job, since
        }

        /// - Parameters:
        ///   - taskID: the task id of its worker.
        ///   - job: its number, from 1.
        ///   - since: since when, in seconds since 1970.
        package init(taskID: Int, job: Int, since: Double) {
            self.taskID = taskID
            self.job = job
            self.since = since
        }
    }

    /// When it was written, in seconds since 1970.
    package var updated = StateFile.now
    /// When the stage began.
    package var start = 0.0
    /// The stage's name.
    package var stage: String
    /// How many jobs it has, where that is known.
    package var total: Int?
    /// How they ended so far.
    package var counts: StageFailure.Counts
    /// What runs now. Jobs that end within a tenth of a second may not appear.
    package var running: [Running]

    /// - Parameters:
    ///   - stage: the stage's name.
    ///   - total: how many jobs it has, where that is known.
    ///   - counts: how they ended so far.
    ///   - running: what runs now.
    package init(stage: String, total: Int?, counts: StageFailure.Counts, running: [Running]) {
        self.stage = stage
        self.total = total
        self.counts = counts
        self.running = running
    }
}

/// Writes `state.json`, every second while a stage runs. On rank 0.
package final class StateFile: Sendable {
    private static let interval = Duration.seconds(1)

    /// Seconds since 1970.
    package static var now: Double { Date().timeIntervalSince1970 }

    private struct State: Sendable {
        var last: ContinuousClock.Instant?
        var isWriting = false
        var hasFailed = false
    }

    private let path: String
    private let start = StateFile.now
    private let state = Mutex(State())
    // A file system that hangs must not keep the thread that calls MPI.
    private let queue = DispatchQueue(label: "furrow.state")

    /// - Parameter directory: the run's directory.
    package init(in directory: String) { path = RunLayout(directory).state }

    /// Writes, if it is time to and the last write is done.
    package func update(_ new: @autoclosure () -> RunState) {
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
    package func finish(_ new: RunState) {
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
