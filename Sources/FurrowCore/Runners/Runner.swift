/// Runs one generator's jobs: a stage of a pipeline.
public protocol Runner<Arguments, Previous, Output>: Sendable {
    /// What the pipeline was started with.
    associatedtype Arguments: Sendable
    /// What the previous stage collected.
    associatedtype Previous: Sendable
    /// What this stage collects.
    associatedtype Output: Sendable

    /// The stage's name.
    var stage: String { get }

    /// Runs the stage. Collective: every rank calls it, with the same runner.
    ///
    /// - Parameters:
    ///   - arguments: what the generator gets; looked at on rank 0 only.
    ///   - previous: what the previous stage collected; looked at on rank 0 only.
    /// - Returns: what was collected on rank 0, `nil` on the other ranks.
    /// - Throws: why the stage failed; the same on every rank.
    func run(_ arguments: Arguments?, after previous: Previous?) async throws -> Output?
}

extension Runner where Previous == Void {
    /// Runs a stage that needs no previous one. Collective.
    ///
    /// - Parameter arguments: what the generator gets; looked at on rank 0 only.
    /// - Returns: what was collected on rank 0, `nil` on the other ranks.
    /// - Throws: why the stage failed; the same on every rank.
    public func run(_ arguments: Arguments?) async throws -> Output? {
        try await run(arguments, after: ())
    }
}
