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

    /// Runs the stage. Collective: every rank calls it, with the same runner.
    ///
    /// - Parameters:
    ///   - arguments: the generator's arguments; only rank 0's are used, other ranks may pass
    ///     `nil`.
    ///   - previous: the previous stage's collected value; only rank 0's is used.
    /// - Returns: the collected value on rank 0, `nil` on the other ranks.
    /// - Throws: why the stage failed; the same on every rank.
    func run(_ arguments: Arguments?, after previous: Previous?) async throws -> Output?
}

extension Runner {
    /// The stage's name.
    public var section: String { stage }
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
