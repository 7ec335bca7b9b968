/// A runner of any type, for a stage whose runner is chosen while the program runs: serial on a CPU,
/// parallel on GPUs.
public struct AnyRunner<Arguments: Sendable, Previous: Sendable, Output: Sendable>: Runner {
    private let runner: any Runner<Arguments, Previous, Output>

    /// - Parameter runner: the runner.
    public init(_ runner: some Runner<Arguments, Previous, Output>) { self.runner = runner }

    public var stage: String { runner.stage }
    public var section: String { runner.section }
    public var sharedKeys: [String] { runner.sharedKeys }
    public var pointType: (any Job.Type)? { runner.pointType }

    /// Runs the stage. Collective.
    public func run(_ arguments: Arguments?, after previous: Previous?) async throws -> Output? {
        try await runner.run(arguments, after: previous)
    }

    /// Shows the jobs that the runner would run.
    public func plan(
        from arguments: Arguments,
        after previous: Previous,
        show: @Sendable (String) throws -> Void
    ) async throws -> Bool {
        try await runner.plan(from: arguments, after: previous, show: show)
    }
}
