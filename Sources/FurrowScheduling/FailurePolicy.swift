/// What becomes of a stage when one of its jobs has failed.
public enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
    /// No new job starts, running ones are cancelled and get the grace period.
    case abort
    /// No new job starts, running ones may end.
    case finish
    /// Every job gets its chance.
    case `continue`
}
