/// Makes a stage's jobs from the arguments and the previous stage's collected result.
///
/// Generators run on rank 0 only.
public protocol JobGenerator<Arguments, Previous>: Sendable {
    /// The jobs it makes.
    associatedtype Work: Job
    /// The pipeline's arguments.
    associatedtype Arguments: Sendable
    /// The previous stage's collected value; `Void` if the generator needs none.
    associatedtype Previous: Sendable = Void

    /// The section of a configuration that the jobs are made from; `nil` for the one with the stage's
    /// name.
    var section: String? { get }

    /// Top-level keys of a configuration that the jobs are made from too; default: none.
    var sharedKeys: [String] { get }

    /// The type that each combination of the section's values is decoded as, with the shared keys; for
    /// the schema of configurations, and to notice before the first stage that the section, and each
    /// of the shared keys, is missing. `nil`, the default, if the section may hold anything.
    var pointType: (any Job.Type)? { get }

    /// How many jobs there will be, if known beforehand; for the progress display.
    func count(from arguments: Arguments, after previous: Previous) throws -> Int?

    /// Makes the jobs, one after the other.
    ///
    /// - Parameters:
    ///   - arguments: the pipeline's arguments.
    ///   - previous: the previous stage's collected value.
    ///   - yield: takes the next job. It waits while jobs are made faster than they are dealt, so a
    ///     million jobs take only the memory of those in flight. It throws `CancellationError` once
    ///     the stage is stopped.
    /// - Throws: any error. The stage then starts no more jobs, and throws on every rank.
    func generate(
        from arguments: Arguments,
        after previous: Previous,
        yield: (Work) async throws -> Void
    ) async throws
}

extension JobGenerator {
    /// `nil`: the section with the stage's name.
    public var section: String? { nil }

    /// None.
    public var sharedKeys: [String] { [] }

    /// `nil`: the section may hold anything.
    public var pointType: (any Job.Type)? { nil }

    /// `nil`: not known beforehand.
    public func count(from arguments: Arguments, after previous: Previous) throws -> Int? { nil }
}
