import MPI

/// Stages that run in sequence, each on the collected value of the one before.
///
/// The types must match: a generator that needs another type than the previous stage collects does
/// not compile. A failed stage ends the pipeline.
public struct Pipeline<Arguments: Sendable, Output: Sendable>: Sendable {
    /// Makes a stage's jobs and shows their parameters; false if that is not possible beforehand.
    package typealias Plan =
        @Sendable (Arguments, _ show: @Sendable (String) throws -> Void) async throws -> Bool

    /// The names of the stages, in order.
    public let stages: [String]
    /// What the stages' jobs are made from, in order.
    package let sources: [StageSource]
    /// The sections of a configuration that the stages' jobs are made from, in order.
    public var sections: [String] { sources.map(\.section) }
    /// Other top-level keys of a configuration that jobs are made from.
    public var sharedKeys: [String] { sources.flatMap(\.sharedKeys) }
    /// Whether these are the stages of every configuration.
    package var isFixed = false
    /// A plan for each stage.
    package let plans: [Plan]
    private let execute: @Sendable (Arguments?) async throws -> Output?

    /// A pipeline of one stage.
    public init<First: Runner>(_ runner: First)
    where First.Arguments == Arguments, First.Previous == Void, First.Output == Output {
        stages = [runner.stage]
        sources = [StageSource(runner)]
        plans = [{ try await runner.plan(from: $0, after: (), show: $1) }]
        execute = { try await runner.run($0, after: ()) }
    }

    private init(
        stages: [String],
        sources: [StageSource],
        plans: [Plan],
        execute: @escaping @Sendable (Arguments?) async throws -> Output?
    ) {
        self.stages = stages
        self.sources = sources
        self.plans = plans
        self.execute = execute
    }

    private func adding<New: Sendable>(
        _ runner: some Runner<Arguments, some Sendable, some Sendable>,
        plan: @escaping Plan = { _, _ in false },
        execute: @escaping @Sendable (Arguments?) async throws -> New?
    ) -> Pipeline<Arguments, New> {
        Pipeline<Arguments, New>(
            stages: stages + [runner.stage],
            sources: sources + [StageSource(runner)],
            plans: plans + [plan],
            execute: execute
        )
    }

    /// This pipeline with one more stage at the end, which is made from what the last one collected.
    public func then<Next: Runner>(_ runner: Next) -> Pipeline<Arguments, Next.Output>
    where Next.Arguments == Arguments, Next.Previous == Output {
        adding(runner) { try await runner.run($0, after: try await execute($0)) }
    }

    /// This pipeline with one more stage at the end, which needs nothing of the others: a second
    /// `GridGenerator`, for example.
    @_disfavoredOverload
    public func then<Next: Runner>(_ runner: Next) -> Pipeline<Arguments, Next.Output>
    where Next.Arguments == Arguments, Next.Previous == Void {
        adding(runner) {
            try await runner.plan(from: $0, after: (), show: $1)
        } execute: { arguments in
            _ = try await execute(arguments)
            return try await runner.run(arguments, after: ())
        }
    }

    /// This pipeline with one more stage at the end, whose value is added to the last one's instead
    /// of replacing it. So a later stage sees both.
    public func keeping<Next: Runner>(_ runner: Next) -> Pipeline<Arguments, (Output, Next.Output)>
    where Next.Arguments == Arguments, Next.Previous == Output {
        adding(runner) { arguments in
            let previous = try await execute(arguments)
            let value = try await runner.run(arguments, after: previous)
            guard let previous, let value else { return nil }
            return (previous, value)
        }
    }

    /// The same with a stage that needs nothing of the others.
    @_disfavoredOverload
    public func keeping<Next: Runner>(_ runner: Next) -> Pipeline<Arguments, (Output, Next.Output)>
    where Next.Arguments == Arguments, Next.Previous == Void {
        adding(runner) {
            try await runner.plan(from: $0, after: (), show: $1)
        } execute: { arguments in
            let previous = try await execute(arguments)
            let value = try await runner.run(arguments, after: ())
            guard let previous, let value else { return nil }
            return (previous, value)
        }
    }

    /// This pipeline with another form of its last value.
    ///
    /// - Parameter transform: makes it, on rank 0. It cannot fail: the other ranks would not know.
    public func map<New: Sendable>(
        _ transform: @escaping @Sendable (Output) -> New
    ) -> Pipeline<Arguments, New> {
        Pipeline<Arguments, New>(
            stages: stages,
            sources: sources,
            plans: plans
        ) { try await execute($0).map(transform) }
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
