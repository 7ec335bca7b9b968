extension TaskPriority {
    /// That of the tasks which run jobs and generators.
    ///
    /// Not because it is lower: on Linux each priority has threads of its own, as many as the process
    /// has cores, one where a launcher binds a rank to one. A job that heeds no cancellation and is
    /// abandoned keeps its thread. Were it one of those that all else runs on, nobody could go on.
    static let jobs = TaskPriority.utility
}
