import FurrowRuns

/// How a process that runs jobs for its rank differs from a rank that runs them itself.
struct StandIn: Sendable {
    /// Where the rank sees which job runs.
    var board: JobBoard
    /// Takes what jobs emit.
    var emit: @Sendable ([UInt8]) -> Void
    /// Takes a result that the rank adds up.
    var addUp: @Sendable ([UInt8]) -> Void
    /// An attempt did not end in time, and keeps its thread.
    var noteStuck: @Sendable () -> Void
}
