/// Makes jobs that are already there, or that a closure makes.
///
///     ParallelRunner(Jobs([Area(width: 1), Area(width: 2)]))
///     ParallelRunner(Jobs { (configuration, lines: [Line]) in lines.map { Predict(line: $0) } })
public struct Jobs<Work: Job, Arguments: Sendable, Previous: Sendable>: JobGenerator {
    private typealias Yield = (Work) async throws -> Void

    private let count: @Sendable (Arguments, Previous) throws -> Int?
    private let make: @Sendable (Arguments, Previous, Yield) async throws -> Void

    /// The jobs of a collection, whatever the arguments and the previous stage's result.
    ///
    /// - Parameter jobs: the jobs; a lazy collection is not stored.
    public init(_ jobs: some Collection<Work> & Sendable) {
        count = { _, _ in jobs.count }
        make = { _, _, yield in for job in jobs { try await yield(job) } }
    }

    /// The jobs of a sequence that depends on the arguments and the previous stage's result.
    ///
    /// - Parameter jobs: makes the sequence on rank 0, when the stage begins; its jobs are taken one
    ///   by one as they are dealt.
    public init<Sequence: Swift.Sequence<Work>>(
        _ jobs: @escaping @Sendable (Arguments, Previous) throws -> Sequence
    ) where Sequence: SendableMetatype, Sequence.Iterator: SendableMetatype {
        count = { _, _ in nil }
        make = { arguments, previous, yield in
            for job in try jobs(arguments, previous) { try await yield(job) }
        }
    }

    /// How many jobs there will be, if that is known.
    public func count(from arguments: Arguments, after previous: Previous) throws -> Int? {
        try count(arguments, previous)
    }

    /// Makes the jobs one by one.
    public func generate(
        from arguments: Arguments,
        after previous: Previous,
        yield: (Work) async throws -> Void
    ) async throws {
        try await make(arguments, previous, yield)
    }
}
