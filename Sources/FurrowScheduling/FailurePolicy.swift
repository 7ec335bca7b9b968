/// What a stage does when one of its jobs fails.
public enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
    /// Starts no new job, and cancels running ones, which then get the grace period.
    case abort
    /// Starts no new job, and lets running ones end.
    case finish
    /// Runs every job.
    case `continue`
}
