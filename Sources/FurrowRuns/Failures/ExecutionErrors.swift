/// A stage under `ParallelRunner` failed. Every rank throws the same error.
public struct ParallelExecutionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What failed.
    public let failure: StageFailure

    /// - Parameter failure: what failed.
    package init(failure: StageFailure) { self.failure = failure }

    /// What happened and where.
    public var description: String { failure.description }
}

/// A stage under `SerialRunner` failed.
public struct SerialExecutionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What failed.
    public let failure: StageFailure

    /// - Parameter failure: what failed.
    package init(failure: StageFailure) { self.failure = failure }

    /// What happened and where.
    public var description: String { failure.description }
}
