/// Makes a job for every point of a grid: for every combination of the values in lists under
/// `grid:` in a section of a configuration.
///
/// Unless told otherwise, the section has the name of the job (`Job.name`). Each of its points is decoded as a job. The
/// first grid in the file varies slowest.
public struct GridGenerator<Work: Job>: JobGenerator {
    private let name: String
    private let validate: @Sendable (Work) throws -> Void

    public var section: String? { name }

    /// - Parameters:
    ///   - section: the section's name; several stages may be made from one.
    ///   - validate: checks a job on rank 0 before it is dealt, and throws an error if its parameters
    ///     are wrong. Called for every value of every grid before the first job is dealt, and then
    ///     for every job.
    public init(
        section: String = Work.name,
        validating validate: @escaping @Sendable (Work) throws -> Void = { _ in }
    ) {
        name = section
        self.validate = validate
    }

    /// The number of points.
    public func count(from arguments: Configuration, after previous: Void) throws -> Int? {
        try grid(in: arguments).count
    }

    /// Decodes the points one by one.
    ///
    /// Each value of each grid is decoded once before the first job is made, so that a wrong one is
    /// found before anything runs. That takes one decoding per value, not per combination.
    ///
    /// - Throws: `ConfigurationError` if the section is missing or cannot be decoded.
    public func generate(
        from arguments: Configuration,
        after previous: Void,
        yield: (Work) async throws -> Void
    ) async throws {
        let grid = try grid(in: arguments)
        let decoder = ConfigurationDecoder(file: arguments.file)
        func job(_ point: ConfigurationValue) throws -> Work {
            let job = try decoder.decode(Work.self, from: point, at: [name])
            try validate(job)
            return job
        }
        for sample in grid.axisSamples { _ = try job(sample) }
        for point in grid { try await yield(try job(point)) }
    }

    private func grid(in configuration: Configuration) throws -> Grid {
        guard let section = configuration.root[name] else {
            let found = (configuration.root.entries ?? []).map(\.key)
            throw ConfigurationError(
                file: configuration.file,
                problem: "the section '\(name)' is missing",
                remedy: found.isEmpty
                    ? "add it" : "found \(found.map { "'\($0)'" }.joined(separator: ", "))"
            )
        }
        return try Grid(section, file: configuration.file)
    }
}
