/// How a stage ends early.
package enum StopMode: UInt8, Sendable {
    /// Running jobs may end.
    case finish
    /// Running jobs are cancelled, and abandoned after the grace period.
    case abort
}
