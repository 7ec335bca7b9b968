import Foundation
import FurrowSystem
import Synchronization

/// The state of a running stage, as far as rank 0 knows: `state.json`.
package struct RunState: Codable, Sendable {
    /// A running job.
    package struct Running: Codable, Sendable, Hashable {
        /// The task id of its worker.
        package var taskID: Int
        /// Its number, from 1.
        package var job: Int
        /// Its start in seconds since 1970, as far as rank 0 knows.
        package var since: Double

        enum CodingKeys: String, CodingKey {
            case taskID = "task_id"
            case job, since
        }

        /// - Parameters:
        ///   - taskID: the task id of its worker.
        ///   - job: its number, from 1.
        ///   - since: its start, in seconds since 1970.
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
    /// How many jobs it has, if known.
    package var total: Int?
    /// How they ended so far.
    package var counts: StageFailure.Counts
    /// The running jobs. Jobs shorter than a tenth of a second may not appear.
    package var running: [Running]
    /// The workers that were taken out of it; `nil` in a state of version 0.1.
    package var removed: [RemovedWorker]?
    /// How many jobs the generator has made for this run; `nil` in a state of version 0.1.
    package var made: Int?
    /// Whether the stage was stopped, so that no new job starts.
    package var isStopping: Bool?
    /// Until when jobs may run, in seconds since 1970, if there is a time limit.
    package var limit: Double?
    /// How long jobs take, as the time limit counts them, in seconds.
    package var jobSeconds: Double?

    enum CodingKeys: String, CodingKey {
        case updated, start, stage, total, counts, running, removed, made
        case isStopping = "stopping"
        case limit
        case jobSeconds = "job_seconds"
    }

    /// - Parameters:
    ///   - stage: the stage's name.
    ///   - total: how many jobs it has, if known.
    ///   - counts: how they ended so far.
    ///   - running: the running jobs.
    ///   - removed: the workers that were taken out of it.
    package init(
        stage: String,
        total: Int?,
        counts: StageFailure.Counts,
        running: [Running],
        removed: [RemovedWorker] = []
    ) {
        self.removed = removed.isEmpty ? nil : removed
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
        var last: MonotonicTime?
        var isWriting = false
        var hasFailed = false
    }

    private let path: String
    private let metrics: RunMetrics.Target?
    private let start = StateFile.now
    private let state = Mutex(State())
    // A hanging file system must not block the thread that calls MPI.
    private let queue = DispatchQueue(label: "furrow.state")

    /// - Parameters:
    ///   - directory: the run's directory.
    ///   - metrics: where to write the same in Prometheus' format.
    package init(in directory: String, metrics: RunMetrics.Target? = nil) {
        path = RunLayout(directory).state
        self.metrics = metrics
    }

    /// Writes, if an update is due and the last write has finished.
    package func update(_ new: @autoclosure () -> RunState) {
        let isDue = state.withLock { state in
            let now = MonotonicTime.now
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
            // Not synced: after a power failure this state is of no use, and a sync every second
            // would delay those of the journal.
            try AtomicFile.write(
                try JSONEncoder.journal.encode(new),
                to: path,
                isDurable: false
            )
            if let metrics { try RunMetrics(metrics, new).write() }
        } catch {
            // Errors are ignored: the journal is what counts, and the state's age shows that it is
            // old.
            let isFirst = state.withLock { state in
                defer { state.hasFailed = true }
                return !state.hasFailed
            }
            if isFirst { StandardError.write("Warning: \(message(of: error))") }
        }
        state.withLock { $0.isWriting = false }
    }
}
