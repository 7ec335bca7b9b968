import FurrowCore
import FurrowSweeps

/// A command and its parameters.
struct CommandJob: Job {
    /// Empty: a command's metrics are in the journal, so that rank 0 need not store them.
    struct Done: Codable, Sendable {}

    static let name = "command"

    /// For rank 0 alone: where the job runs, its context knows the number.
    var jobNumber: Int?
    var parameters: Parameters
    /// The same; see ``StageDefinitions``.
    var generation = ""

    private enum CodingKeys: CodingKey { case parameters }

    func describeParameters() -> String { parameters.json }
    func canonicalParameters() -> [UInt8] {
        StageDefinitions.canonical(parameters, generation)
    }

    func run(_ context: JobContext) async throws -> Done {
        guard let launcher = context.resource as? CommandLauncher else {
            preconditionFailure("a command is run by a rank without a launcher")
        }
        try await launcher.run(self, context)
        return Done()
    }
}

/// Makes the jobs of a stage.
struct CommandGenerator: JobGenerator {
    typealias Arguments = Void

    let stage: Sweep.Stage
    /// The seed to shuffle them.
    let seed: UInt64?
    var generation = ""

    func count(from arguments: Void, after previous: Void) -> Int? { stage.count }

    func generate(
        from arguments: Void,
        after previous: Void,
        yield: (CommandJob) async throws -> Void
    ) async throws {
        let isInOrder = seed == nil && stage.selection == nil
        for (number, parameters) in stage.jobs(shuffledBy: seed) {
            try await yield(
                CommandJob(
                    jobNumber: isInOrder ? nil : number,
                    parameters: parameters,
                    generation: generation
                )
            )
        }
    }
}
