extension TaskPriority {
    /// The priority of tasks that run jobs and generators.
    ///
    /// Not because it is lower: on Linux each priority has its own threads, as many as the process
    /// has cores, and only one if a launcher binds the rank to a core. An abandoned job that
    /// ignores cancellation keeps its thread. If everything else shared these threads, nothing
    /// could continue.
    static let jobs = TaskPriority.utility
}
