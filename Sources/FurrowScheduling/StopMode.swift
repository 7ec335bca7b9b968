/// How a stage ends before all of its jobs have run.
package enum StopMode: UInt8, Sendable {
    /// Running jobs may end.
    case finish
    /// Running jobs are cancelled, and abandoned when the grace period is over.
    case abort
}
