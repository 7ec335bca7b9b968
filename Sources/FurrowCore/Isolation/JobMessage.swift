import FurrowDevices

/// What a rank and the process of its jobs tell each other.
enum JobMessage: UInt8, Sendable {
    /// Rank to process: a stage of the number begins; a ``StageStart``.
    case begin
    /// Rank to process: jobs.
    case deal
    /// Rank to process: return the jobs that have not started.
    case recall
    /// Rank to process: start jobs again.
    case resume
    /// Rank to process: start no jobs for the time being.
    case hold
    /// Rank to process: start no more jobs; how.
    case stop
    /// Rank to process: the stage is over; let go of what was prepared.
    case end
    /// Process to rank: the result of the job of the number.
    case result
    /// Process to rank: a result to be added up.
    case sum
    /// Process to rank: what a job shows on rank 0's terminal.
    case shown
    /// Process to rank: what a job emits for rank 0.
    case emitted
    /// Process to rank: a ``Report`` of jobs that ended.
    case report
    /// Process to rank: returned jobs.
    case returned
    /// Process to rank: no job runs here, and none will start.
    case stopped
    /// Process to rank: a job keeps its thread; end this process and start another.
    case stuck
    /// Process to rank: all is let go of, the journal is closed; why that failed, if it did.
    case closed
}

/// What a process must know of a stage that begins, beside what its program says.
struct StageStart: Codable, Sendable, Equatable {
    var taskID: Int?
    var rank: Int
    var host: String
    var device: Device?
    /// Whether another worker may have a job's next attempt.
    var movesRetries = false
    /// How many failures in a row make this worker suspect; `nil`: none do.
    var quarantine: Int?
}
