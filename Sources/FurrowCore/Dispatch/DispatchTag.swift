import MPI

/// The purpose of a message between rank 0 and a worker.
enum DispatchTag: Int32, Sendable {
    /// Rank 0 to a worker: jobs.
    case deal
    /// Rank 0 to a worker: return the jobs that have not started.
    case recall
    /// Rank 0 to a worker: start no more jobs.
    case stop
    /// Rank 0 to a worker: every worker has stopped; begin the gather.
    case proceed
    /// Worker to rank 0: jobs that ended.
    case report
    /// Worker to rank 0: returned jobs.
    case returned
    /// Worker to rank 0: no job runs here, and none will start.
    case stopped
    /// Worker to rank 0: a signal asks the run to end early.
    case interrupted
}

/// The messages between rank 0 and the workers of a stage.
typealias DispatchChannel = Channel<DispatchTag>
