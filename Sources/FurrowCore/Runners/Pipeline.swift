import MPI

/// Stages that run in sequence, each on the collected value of the one before.
///
/// The types must match: a generator that needs another type than the previous stage collects does
/// not compile. A failed stage ends the pipeline.
public struct Pipeline<Arguments: Sendable, Output: Sendable>: Sendable {
    /// The names of the stages, in order.
    public let stages: [String]
    /// The sections of a configuration that the stages' jobs are made from, in order.
    public let sections: [String]
    private let execute: @Sendable (Arguments?) async throws -> Output?

    /// A pipeline of one stage.
    public init<First: Runner>(_ runner: First)
    where First.Arguments == Arguments, First.Previous == Void, First.Output == Output {
        stages = [runner.stage]
        sections = [runner.section]
        execute = { try await runner.run($0, after: ()) }
    }

    private init(
        stages: [String],
        sections: [String],
        execute: @escaping @Sendable (Arguments?) async throws -> Output?
    ) {
        self.stages = stages
        self.sections = sections
        self.execute = execute
    }

    /// This pipeline with one more stage at the end.
    public func then<Next: Runner>(_ runner: Next) -> Pipeline<Arguments, Next.Output>
    where Next.Arguments == Arguments, Next.Previous == Output {
        let execute = execute
        return Pipeline<Arguments, Next.Output>(
            stages: stages + [runner.stage],
            sections: sections + [runner.section]
        ) { arguments in
            try await runner.run(arguments, after: try await execute(arguments))
        }
    }

    /// Runs all stages. Collective: every rank calls it, with the same pipeline.
    ///
    /// - Parameter arguments: the arguments of every stage's generator; only rank 0's are used.
    /// - Returns: the last stage's collected value on rank 0, `nil` on the other ranks.
    /// - Throws: the first failing stage's error, the same on every rank.
    @MPIActor
    public func run(_ arguments: Arguments?) async throws -> Output? {
        try await execute(arguments)
    }
}
