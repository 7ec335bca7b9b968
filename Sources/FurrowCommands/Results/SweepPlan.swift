import Furrow
import FurrowSweeps

/// A sweep's information about a stage's jobs: their current numbers and parameters, the order of
/// the results, and the command lines.
final class SweepPlan: StagePlan {
    /// Up to this many points, a list of all of them is the fastest way to find a job's number.
    private static let mostListed = 200_000

    private let stage: Sweep.Stage
    private let directory: String
    private let previousResults: String
    private let definitions: StageDefinitions?
    private let generation: String
    /// Whether some points are equal, so that a point does not identify a job.
    private let hasRepetitions: Bool
    private var numbers: [JobIdentity: Int]?

    /// - Parameters:
    ///   - stage: a stage of the run's sweep.
    ///   - directory: the run's directory.
    ///   - definitions: how the run's stages were defined; as `stage` says, if `nil`.
    ///   - previousResults: the results of the stage before; empty for the first.
    init(
        _ stage: Sweep.Stage,
        in directory: String,
        definitions: StageDefinitions?,
        previousResults: String = ""
    ) {
        self.definitions = definitions
        generation = definitions?.generation(of: stage.settings.name) ?? ""
        self.stage = stage
        self.directory = directory
        self.previousResults = previousResults
        hasRepetitions = !stage.space.repetitions.isEmpty
    }

    private lazy var selectedCount: Int? = stage.count

    var total: Int? { selectedCount }
    var numberCount: Int? { stage.space.count }

    func isPlanned(_ number: Int) -> Bool {
        stage.selection?.contains(number, stage.space[number]) ?? true
    }

    var parameterNames: [String]? { stage.space.names }
    var resultNames: [String] { stage.settings.metrics.map(\.name) }

    func parameters(at number: Int) -> [(name: String, value: Cell)]? {
        stage.space[number].all.map { ($0.name, Cell($0.value)) }
    }

    /// Metrics already have their full names; a list is one value.
    func results(in result: JSON) -> [JSON.Member] {
        guard case .object(let members)? = result["metrics"] else { return [] }
        return members
    }

    /// A job mostly has its old number. If the sweep has changed since, its parameters give the
    /// current one.
    func number(
        of identity: JobIdentity,
        recordedAs number: Int,
        parameters: () throws -> JSON
    ) throws -> Int? {
        let space = stage.space
        if !hasRepetitions, number < space.count,
            self.identity(of: space[number]) == identity
        {
            return number
        }
        if space.count <= Self.mostListed { return listed()[identity] }
        let point = Parameters(recorded: try parameters())
        var occurrence = 0
        while let found = space.index(of: point, occurrence: occurrence) {
            if self.identity(of: space[found], occurrence) == identity { return found }
            occurrence += 1
        }
        return nil
    }

    private func listed() -> [JobIdentity: Int] {
        if let numbers { return numbers }
        var identities = JobIdentities(stage: stage.settings.name)
        var all: [JobIdentity: Int] = [:]
        for (number, point) in stage.space.enumerated() {
            all[identities.next(StageDefinitions.canonical(point, generation))] = number
        }
        numbers = all
        return all
    }

    private func identity(of point: Parameters, _ occurrence: Int = 0) -> JobIdentity {
        JobIdentity(
            stage: stage.settings.name,
            canonical: StageDefinitions.canonical(point, generation),
            occurrence: occurrence
        )
    }

    func command(of number: Int, _ attempt: StageTable.Attempt) -> [UInt8]? {
        let record = attempt.record
        var context = CommandContext(parameters: stage.space[number], job: number + 1)
        context.taskID = record.taskID
        context.device = record.device.map { String($0.drop { $0 != "=" }.dropFirst()) } ?? ""
        context.attempt = record.attempt
        context.runDirectory = directory
        context.previousResults = previousResults
        var command = stage.settings.command
        if let definitions {
            let start = attempt.result?["start"]?.integer ?? 1
            command = definitions.command(of: stage.settings, in: start)
        }
        return command.commandLine(context)
    }
}

extension Parameters {
    /// The parameters of a record: nested names with dots, values as in a command.
    init(recorded json: JSON) {
        self.init(
            json.flattened().map { member in
                switch member.value {
                case .null: Parameter(member.name, ParameterValue([], .null))
                case .boolean(let value):
                    Parameter(member.name, ParameterValue(Array("\(value)".utf8), .boolean))
                case .number(let digits):
                    Parameter(member.name, ParameterValue(Array(digits.utf8), .float))
                case .text(let text):
                    Parameter(member.name, ParameterValue(Array(text.utf8), .text))
                case .array, .object:
                    Parameter(
                        member.name,
                        ParameterValue(Array(member.value.description.utf8), .json)
                    )
                }
            }
        )
    }
}
