import Foundation
import FurrowRuns
import FurrowSweeps
import FurrowSystem

/// What the jobs of a run's stages were besides their parameters: command, environment and so on.
///
/// A job's identity is its parameters. After an edit of the command those that are done keep their
/// results, unless the user asks for them anew: a new *generation* then begins, which is part of
/// the identity of its jobs.
struct StageDefinitions: Codable {
    private struct Stage: Codable {
        /// The definitions of the generation, each by its parts; the last start's is the last.
        var used: [[String: String]]
        /// Empty for the first.
        var generation = ""
        /// The commands, each with the run's start, from 1, in which it was new.
        var commands: [Command]?
    }

    private struct Command: Codable {
        var start: Int
        var command: CommandTemplate
    }

    private var stages: [String: Stage] = [:]

    /// Those of a run; none for a new one.
    init(of directory: String) throws {
        let path = RunLayout(directory).definitions
        guard let bytes = try contentsIfPresent(of: path) else { return }
        do {
            self = try JSONDecoder().decode(StageDefinitions.self, from: Data(bytes))
        } catch {
            throw InputError("\(path) is damaged; remove it to keep what is done")
        }
    }

    /// A stage's generation.
    func generation(of stage: String) -> String { stages[stage]?.generation ?? "" }

    /// The command of a stage's jobs that ran in a start of the run.
    func command(of stage: StageSettings, in start: Int) -> CommandTemplate {
        stages[stage.name]?.commands?.last { $0.start <= start }?.command ?? stage.command
    }

    /// Notes how a stage is defined in a new start.
    ///
    /// - Parameters:
    ///   - stage: the stage.
    ///   - number: the start's, from 1.
    ///   - isNew: whether jobs that were done under another definition are done anew.
    /// - Returns: the parts that differ among the definitions of jobs that keep their results.
    mutating func start(_ stage: StageSettings, number: Int, anew isNew: Bool) -> [String] {
        let current = stage.definition
        var known = stages[stage.name] ?? Stage(used: [])
        if known.commands?.last?.command != stage.command {
            let command = Command(start: number, command: stage.command)
            known.commands = (known.commands ?? []) + [command]
        }
        known.used.removeAll { $0 == current }
        let others = known.used
        if isNew, !others.isEmpty {
            let text = current.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            known.generation =
                JobIdentity(stage: "", canonical: Array(text.joined(separator: "\n").utf8))
                .description
            known.used = []
        }
        known.used.append(current)
        stages[stage.name] = known
        guard known.used.count > 1 else { return [] }
        let parts = Set(others.flatMap(\.keys) + current.keys)
        return parts.filter { part in others.contains { $0[part] != current[part] } }.sorted()
    }

    func save(in directory: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try AtomicFile.write(Array(try encoder.encode(self)), to: RunLayout(directory).definitions)
    }

    /// What identifies a job: its parameters, and the generation.
    static func canonical(_ parameters: Parameters, _ generation: String) -> [UInt8] {
        generation.isEmpty ? parameters.canonical : parameters.canonical + [0] + generation.utf8
    }
}
