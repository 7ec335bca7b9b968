/// Makes a stage's jobs from the arguments and the previous stage's collected result.
///
/// Generators run on rank 0 only.
public protocol JobGenerator<Arguments, Previous>: Sendable {
    /// The jobs it makes.
    associatedtype Work: Job
    /// What the pipeline was started with.
    associatedtype Arguments: Sendable
    /// What the previous stage collected; `Void` for a generator that needs none.
    associatedtype Previous: Sendable = Void

    /// How many jobs there will be, where that is known beforehand: for the progress display.
    func count(from arguments: Arguments, after previous: Previous) throws -> Int?

    /// Makes the jobs, one after the other.
    ///
    /// - Parameters:
    ///   - arguments: what the pipeline was started with.
    ///   - previous: what the previous stage collected.
    ///   - yield: takes the next job. It waits while more jobs are made than can be dealt, so a
    ///     million jobs cost the memory of those in flight; it throws `CancellationError` once
    ///     the stage is stopped.
    /// - Throws: anything. The stage then starts no more jobs, and throws on every rank.
    func generate(
        from arguments: Arguments,
        after previous: Previous,
        yield: (Work) async throws -> Void
    ) async throws
}

extension JobGenerator {
    /// Not known beforehand.
    public func count(from arguments: Arguments, after previous: Previous) throws -> Int? { nil }
}
