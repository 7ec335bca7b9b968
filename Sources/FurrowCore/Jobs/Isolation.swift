/// Where the jobs of a stage run.
public enum Isolation: String, Sendable, Hashable, CaseIterable {
    /// As ``process``, but tiny jobs go on in their rank. A worker's jobs are tiny when its first
    /// hundred have all succeeded, in less than 0.1 ms on average, or 1 ms in a serial run, where each
    /// is passed on alone. Jobs of a ``PreparedJob`` and of ``ParallelRunner/sharing(_:)`` stay in the
    /// process; so do, on several ranks, those of a run with a journal, since recording a job takes
    /// longer than passing it on.
    case auto
    /// In a process of their own beside their rank, one for all jobs of a worker: a job that crashes
    /// ends that process, and is a failed job. The process is the program started again; it does what
    /// a worker does, with what its rank has heard in place of messages.
    case process
    /// In their rank: a job that crashes ends the rank.
    case none
}
