/// Runs one generator's jobs: a stage of a pipeline.
public protocol Runner<Arguments, Previous, Output>: Sendable {
    /// The pipeline's arguments.
    associatedtype Arguments: Sendable
    /// The previous stage's collected value.
    associatedtype Previous: Sendable
    /// This stage's collected value.
    associatedtype Output: Sendable

    /// The stage's name.
    var stage: String { get }

    /// The section of a configuration that the stage's jobs are made from; default: its name.
    var section: String { get }

    /// Top-level keys of a configuration that the stage's jobs are made from too; default: none.
    var sharedKeys: [String] { get }

    /// The type that each combination of the section's values is decoded as; default: none, and the
    /// section may hold anything.
    var pointType: (any Job.Type)? { get }

    /// Runs the stage. Collective: every rank calls it, with the same runner.
    ///
    /// - Parameters:
    ///   - arguments: the generator's arguments; only rank 0's are used, other ranks may pass
    ///     `nil`.
    ///   - previous: the previous stage's collected value; only rank 0's is used.
    /// - Returns: the collected value on rank 0, `nil` on the other ranks.
    /// - Throws: why the stage failed; the same on every rank.
    func run(_ arguments: Arguments?, after previous: Previous?) async throws -> Output?

    /// Makes the stage's jobs without running them. On rank 0.
    ///
    /// - Parameters:
    ///   - arguments: the generator's arguments.
    ///   - previous: the previous stage's collected value.
    ///   - show: takes the parameters of one job after the other, as JSON.
    /// - Returns: whether the runner can say; false by default.
    /// - Throws: the generator's error.
    func plan(
        from arguments: Arguments,
        after previous: Previous,
        show: @Sendable (String) throws -> Void
    ) async throws -> Bool
}

extension Runner {
    /// The stage's name.
    public var section: String { stage }

    /// None.
    public var sharedKeys: [String] { [] }

    /// None.
    public var pointType: (any Job.Type)? { nil }

    /// Cannot say.
    public func plan(
        from arguments: Arguments,
        after previous: Previous,
        show: @Sendable (String) throws -> Void
    ) async throws -> Bool { false }
}

extension JobGenerator {
    /// Makes the jobs without running them.
    func plan(
        from arguments: Arguments,
        after previous: Previous,
        show: @Sendable (String) throws -> Void
    ) async throws -> Bool {
        try await generate(from: arguments, after: previous) { job in
            try show(try job.describeParameters())
        }
        return true
    }
}

extension Runner where Previous == Void {
    /// Runs a stage that needs no previous one. Collective.
    ///
    /// - Parameter arguments: the generator's arguments; only rank 0's are used, other ranks may
    ///   pass `nil`.
    /// - Returns: the collected value on rank 0, `nil` on the other ranks.
    /// - Throws: why the stage failed; the same on every rank.
    public func run(_ arguments: Arguments?) async throws -> Output? {
        try await run(arguments, after: ())
    }
}
