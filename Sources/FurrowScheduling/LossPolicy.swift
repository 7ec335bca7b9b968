/// What a run does when a rank dies, for example by a SIGKILL.
public enum LossPolicy: String, Sendable, Hashable, CaseIterable {
    /// Ends the stage with an error, and keeps what had finished.
    case abort
    /// Goes on with the other workers.
    case `continue`
}
