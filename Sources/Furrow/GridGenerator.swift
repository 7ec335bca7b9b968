import FurrowSweeps

/// Makes a job for every point of a section of a configuration: for every combination of the values
/// under `grid:`, and of the other axes of sweeps (`range`, `linspace`, `logspace`, `random`, `zip`,
/// `include`, `exclude`).
///
/// Unless told otherwise, the section has the name of the job (`Job.name`). Each of its points is
/// decoded as a job. The first axis in the file varies slowest.
public struct GridGenerator<Work: Job>: JobGenerator {
    private let name: String
    private let validate: @Sendable (Work) throws -> Void

    public var section: String? { name }
    public let sharedKeys: [String]
    public var pointType: (any Job.Type)? { Work.self }

    /// - Parameters:
    ///   - section: the section's name; several stages may be made from one.
    ///   - sharedKeys: top-level keys that each section has too, unless it has one of that name
    ///     itself: `seed`, `data`.
    ///   - validate: checks a job on rank 0 before it is dealt, and throws an error if its parameters
    ///     are wrong. Called for every value of every grid before the first job is dealt, and then
    ///     for every job.
    public init(
        section: String = Work.name,
        sharing sharedKeys: [String] = [],
        validating validate: @escaping @Sendable (Work) throws -> Void = { _ in }
    ) {
        name = section
        self.sharedKeys = sharedKeys
        self.validate = validate
    }

    /// The number of points.
    public func count(from arguments: Configuration, after previous: Void) throws -> Int? {
        try points(in: arguments).count
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
        let points = try points(in: arguments)
        let decoder = ConfigurationDecoder(file: arguments.file)
        func job(_ point: ConfigurationValue) throws -> Work {
            let job = try decoder.decode(Work.self, from: point, at: [name])
            try validate(job)
            return job
        }
        for sample in points.samples { _ = try job(sample) }
        for point in points { try await yield(try job(point)) }
    }

    private func points(in configuration: Configuration) throws -> SectionPoints {
        try configuration.requireSection(name, sharing: sharedKeys)
        let root = configuration.root
        let shared = (root.entries ?? []).filter { sharedKeys.contains($0.key) }
        let section = root[name]
        // A section that is not a mapping is refused when it is decoded.
        guard let own = section.map({ $0.entries }) ?? [], !shared.isEmpty else {
            return try SectionPoints(section ?? root, file: configuration.file)
        }
        let added = shared.filter { key in !own.contains { $0.key == key.key } }
        let whole = ConfigurationValue(.mapping(added + own), at: (section ?? root).position)
        return try SectionPoints(whole, file: configuration.file)
    }
}

extension Configuration {
    /// Makes sure that a stage's section is there, or one of the keys that can stand for it.
    ///
    /// - Parameters:
    ///   - name: the section's name.
    ///   - sharedKeys: the keys.
    ///   - remedy: what to do where the configuration is empty.
    func requireSection(
        _ name: String,
        sharing sharedKeys: [String],
        remedy: String = "add it"
    ) throws(ConfigurationError) {
        let found = (root.entries ?? []).map(\.key)
        guard !found.contains(where: { $0 == name || sharedKeys.contains($0) }) else { return }
        throw ConfigurationError(
            file: file,
            problem: "the section '\(name)' is missing",
            remedy: found.isEmpty
                ? remedy : "found \(found.map { "'\($0)'" }.joined(separator: ", "))"
        )
    }
}
