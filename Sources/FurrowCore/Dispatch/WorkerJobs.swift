import FurrowRuns
import FurrowScheduling
import MPI

/// A worker's jobs, for the thread that calls MPI.
@MPIActor
protocol WorkerJobs {
    /// Adds jobs to the end of the queue and starts them.
    func add(_ jobs: JobFrames)
    /// Starts jobs again: those that failed were to blame themselves.
    func resume()
    /// Asks for every job that has not started; ``takeReturned()`` gives them.
    func recall()
    /// The jobs that were asked for, once they are known.
    func takeReturned() -> [JobFrames]?
    /// Gives up a job that another worker has ended, unless it has ended here, too. Its end does not
    /// count then; ``takeRevoked()`` says when.
    func revoke(_ index: Int)
    /// Gives it up though it has not ended, and starts no other.
    func abandonRevoked()
    /// Whether a revoked job was given up since the last call.
    func takeRevoked() -> Bool
    /// Starts no more jobs until rank 0 says what becomes of them. It may be gone.
    func hold()
    /// Carries out a decision about the jobs that have not ended.
    func obey(_ action: StopPolicy.Action)
    /// Whether a job runs or waits.
    var isRunning: Bool { get }
    /// The report since the last call, if it is due.
    ///
    /// - Parameter always: report even if nothing is urgent.
    func takeReport(always: Bool) -> Report?
    /// The counts of this worker's jobs in the stage.
    var totals: StageFailure.Counts { get }
    /// Takes the results, for the gather.
    func takeResults() -> [[UInt8]]
    /// Lets go of what was prepared for the jobs, and closes the journal, when no job runs any more.
    ///
    /// - Returns: why that failed, if it did.
    func close() async -> RankProblem?
}

/// Only a sweep's jobs are dealt twice, and they do not run in a process of their own.
extension WorkerJobs {
    func revoke(_ index: Int) {}
    func abandonRevoked() {}
    func takeRevoked() -> Bool { false }
}
