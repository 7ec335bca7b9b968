/// A runner of the jobs that a generator makes.
protocol GeneratorRunner: Runner
where
    Arguments == Generator.Arguments, Previous == Generator.Previous,
    Output == Generator.Work.Collected
{
    associatedtype Generator: JobGenerator

    var generator: Generator { get }
    /// As they were given.
    var given: RunOptions { get }
}

extension GeneratorRunner {
    /// As they are when the stage runs.
    var options: RunOptions { given.resolved }

    public var stage: String { options.stage ?? Generator.Work.name }

    public var section: String { generator.section ?? stage }

    public var sharedKeys: [String] { generator.sharedKeys }

    public var pointType: (any Job.Type)? { generator.pointType }

    /// Shows the jobs that the generator makes. On rank 0.
    public func plan(
        from arguments: Arguments,
        after previous: Previous,
        show: @Sendable (String) throws -> Void
    ) async throws -> Bool {
        try await generator.plan(from: arguments, after: previous, show: show)
    }
}
