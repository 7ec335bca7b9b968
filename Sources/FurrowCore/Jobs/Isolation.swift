/// Where the jobs of a stage run.
public enum Isolation: String, Sendable, Hashable, CaseIterable {
    /// In their rank: a job that crashes ends the rank, and with it the run.
    case none
    /// In a process of their own beside their rank, one for all jobs of a worker: a job that crashes
    /// ends that process, and is a failed job. The process is the program started again; it does what
    /// a worker does, with what its rank has heard in place of messages.
    case process
}
