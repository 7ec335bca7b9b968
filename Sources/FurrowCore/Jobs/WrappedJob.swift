import FurrowRuns

/// A job that does another one's work and something more. In the journal, in messages and in a
/// configuration it is that other job.
protocol WrappedJob: Job {
    associatedtype Inner: Job
    var inner: Inner { get }
    init(_ inner: Inner)
}

extension WrappedJob {
    public static var name: String { Inner.name }
    public var jobNumber: Int? { inner.jobNumber }
    public func describeParameters() throws -> String { try inner.describeParameters() }
    public func canonicalParameters() throws -> [UInt8] { try inner.canonicalParameters() }
    public static var timeout: Duration? { Inner.timeout }

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Inner.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(inner)
    }

    fileprivate static var innerType: Any.Type { Inner.self }
}

/// The type of jobs whose name the journal has: not of those that wrap them.
func identityType(of type: Any.Type) -> Any.Type {
    (type as? any WrappedJob.Type).map { identityType(of: $0.innerType) } ?? type
}

/// A generator that wraps jobs, and so can wrap one again that came back from a rank.
protocol WrapsJobs: Sendable {
    func wrapped(_ job: any Job) -> any Job
}

/// Wraps the jobs of a generator.
struct WrappingGenerator<Inner: JobGenerator, Work: WrappedJob>: JobGenerator, WrapsJobs
where Work.Inner == Inner.Work {
    typealias Arguments = Inner.Arguments
    typealias Previous = Inner.Previous

    let inner: Inner
    let wrap: @Sendable (Inner.Work) -> Work

    var section: String? { inner.section }
    var sharedKeys: [String] { inner.sharedKeys }
    var pointType: (any Job.Type)? { inner.pointType }

    func count(from arguments: Arguments, after previous: Previous) throws -> Int? {
        try inner.count(from: arguments, after: previous)
    }

    func generate(
        from arguments: Arguments,
        after previous: Previous,
        yield: (Work) async throws -> Void
    ) async throws {
        try await inner.generate(from: arguments, after: previous) { job in
            try await yield(wrap(job))
        }
    }

    func wrapped(_ job: any Job) -> any Job { (job as? Work).map { wrap($0.inner) } ?? job }
}

/// A job whose journal has another result than it returns.
protocol JournalsOtherwise: Job {
    associatedtype Recorded: Codable & Sendable
    /// Takes a result of an earlier run, or of a rank that died. On rank 0.
    ///
    /// - Parameter number: the job's number.
    func restore(_ recorded: Recorded, of number: Int) -> Output
}
