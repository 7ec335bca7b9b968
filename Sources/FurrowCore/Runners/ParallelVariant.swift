import MPI

/// A runner that runs the stage of a ``ParallelRunner`` and does something more on all ranks.
protocol ParallelVariant: Runner
where Arguments == Generator.Arguments, Previous == Generator.Previous {
    associatedtype Generator: JobGenerator

    /// What it runs.
    var runner: ParallelRunner<Generator> { get }

    /// Runs the stage, and does what is more. Collective.
    @MPIActor
    func runCollectively(_ arguments: Arguments?, after previous: Previous?) async throws -> Output?
}

extension ParallelVariant {
    public var stage: String { runner.stage }
    public var section: String { runner.section }
    public var sharedKeys: [String] { runner.sharedKeys }
    public var pointType: (any Job.Type)? { runner.pointType }

    /// Shows the jobs that the generator makes. On rank 0.
    public func plan(
        from arguments: Arguments,
        after previous: Previous,
        show: @Sendable (String) throws -> Void
    ) async throws -> Bool {
        try await runner.plan(from: arguments, after: previous, show: show)
    }

    /// Runs the stage. Collective.
    ///
    /// - Returns: the runner's value on rank 0, `nil` on the other ranks.
    /// - Throws: `ParallelExecutionError`, the same on every rank, also for an error of a function
    ///   that the runner was given; `MPIError` if MPI itself fails.
    public func run(_ arguments: Arguments?, after previous: Previous?) async throws -> Output? {
        try await runCollectively(arguments, after: previous)
    }
}
