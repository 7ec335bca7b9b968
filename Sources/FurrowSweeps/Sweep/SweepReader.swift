import Foundation
import FurrowConfiguration
import FurrowRuns
import FurrowSystem

/// Reads a sweep file. Anything unknown in it is an error with its position.
struct SweepReader {
    /// The keys of a stage.
    static let stageKeys = StageKey.allCases.filter { $0 != .stages }.map(\.rawValue)

    let file: String
    let error: ConfigurationError.InFile
    let inputs: SweepInputs

    init(file: String, inputs: SweepInputs) {
        self.file = file
        error = ConfigurationError.InFile(file)
        self.inputs = inputs
    }

    struct Result {
        var name: String
        var isNamed: Bool
        var stages: [Sweep.Stage]
        var warnings: [String]
    }

    func read(_ root: ConfigurationValue, fallbackName: String) throws -> Result {
        let name = try root["name"].map { try text($0, "name") }
        var warnings: [String] = []
        var stages: [Sweep.Stage] = []
        if let list = root["stages"] {
            try check(root, ["name", "stages"], "the sweep")
            guard let elements = list.elements, !elements.isEmpty else {
                throw error(list, "'stages' must be a list of stages")
            }
            for (number, element) in elements.enumerated() {
                let stage = try stage(
                    element,
                    fallbackName: "stage-\(number + 1)",
                    isFirst: number == 0,
                    &warnings
                )
                if stages.contains(where: { $0.settings.name == stage.settings.name }) {
                    throw error(element, "two stages have the name '\(stage.settings.name)'")
                }
                stages.append(stage)
            }
        } else {
            let stage = try stage(
                root,
                fallbackName: fallbackName,
                isFirst: true,
                others: ["stages"],
                &warnings
            )
            stages.append(stage)
        }
        return Result(
            name: try directoryName(name ?? fallbackName, root["name"] ?? root),
            isNamed: name != nil,
            stages: stages,
            warnings: warnings
        )
    }

    /// A name that is also used for a directory.
    private func directoryName(_ name: String, _ place: ConfigurationValue) throws -> String {
        guard !name.isEmpty, !name.contains("/"), !name.hasPrefix("."), name != RunLayout.latest
        else {
            throw error(place, "'\(name)' cannot name a directory", "use letters and digits")
        }
        return name
    }

    private func stage(
        _ value: ConfigurationValue,
        fallbackName: String,
        isFirst: Bool,
        others: [String] = [],
        _ warnings: inout [String]
    ) throws -> Sweep.Stage {
        guard value.entries != nil else { throw error(value, "a stage must be a mapping") }
        try check(value, Self.stageKeys + others, "the stage")
        let name = try value["name"].map { try text($0, "name") } ?? fallbackName
        let (space, mistakes) = try space(value)
        let selection = try selection(value, space)
        var settings = StageSettings(name: name, command: try command(value))
        settings.definition = definition(value)
        settings.exits = try exits(value)
        settings.hooks = try hooks(value)
        settings.delay = try duration(value, "delay")
        settings.outputLimit = try size(value, .outputLimit)
        if let env = value["env"], !env.isEmpty {
            guard let entries = env.entries else { throw error(env, "'env' must be a mapping") }
            settings.environment = try entries.map {
                guard !$0.key.isEmpty, !$0.key.contains("=") else {
                    throw error($0.value, "'\($0.key)' cannot be the name of a variable")
                }
                return .init(name: $0.key, value: Template(try text($0.value, $0.key)))
            }
        }
        settings.directory = try value["directory"].map {
            let path = try text($0, "directory")
            guard !path.isEmpty else { throw error($0, "'directory' must not be empty") }
            return Template(path)
        }
        settings.metrics = try MetricReader(error: error).rules(value["results"])
        settings.timeout = try duration(value, "timeout")
        if let timeout = settings.timeout, timeout <= .zero, let limit = value["timeout"] {
            throw error(limit, "'timeout' must be longer than 0", "leave it out for no limit")
        }
        settings.retryDelay = try duration(value, "retry-delay")
        if let retries = value["retries"] {
            guard let count = retries.scalar.flatMap({ Int($0.text) }), count >= 0 else {
                throw error(retries, "'retries' must be a whole number, 0 or more")
            }
            settings.retries = count
        }
        settings.bindsToCores = try boolean(value, .bind)
        try checkAxes(mistakes, settings)
        try checkTemplates(settings, space, value, isFirst: isFirst)
        warnings += warn(settings, space)
        return Sweep.Stage(settings: settings, space: space, selection: selection)
    }

    private func space(
        _ value: ConfigurationValue
    ) throws -> (ParameterSpace, mistakes: [AxisMistake]) {
        guard let tasks = value["tasks"] else {
            if let separated = value["null-separated"] {
                throw error(
                    separated,
                    "'null-separated' needs 'tasks'",
                    "for a parameter write {file: FILE, null-separated: true}"
                )
            }
            var reader = ParameterReader(
                file: file,
                inputs: inputs,
                // A run that has begun goes on.
                refusesRanges: !inputs.isKept
            )
            return (try reader.space(of: value), reader.mistakes)
        }
        for key in ["parameters", "include", "exclude"] {
            if let other = value[key] {
                throw error(other, "'\(key)' cannot be combined with 'tasks'")
            }
        }
        let path = try text(tasks, "tasks")
        let bytes: [UInt8]
        do {
            bytes = path == "-" ? try inputs.readStandardInput() : try inputs.read(path)
        } catch {
            throw InputError("the tasks cannot be read: \(FurrowSystem.message(of: error))")
        }
        let name = path == "-" ? "standard input" : path
        let isNullSeparated = try boolean(value, .nullSeparated)
        let values =
            isNullSeparated
            ? NullSeparated.values(of: bytes) : try TaskFile(bytes, file: name).tasks
        return (ParameterSpace("task", values), [])
    }

    private func command(_ stage: ConfigurationValue) throws -> CommandTemplate {
        let shell = try shell(stage)
        guard let command = stage["command"] else {
            if stage["tasks"] != nil { return .line(shell ?? .standard) }
            throw error(
                stage,
                "'command' is missing",
                "write 'command: [program, argument, …]' or a line for the shell"
            )
        }
        return try self.command(command, "command", of: stage, shell)
    }

    /// - Parameters:
    ///   - command: a list, or text for a shell.
    ///   - key: its key.
    func command(
        _ command: ConfigurationValue,
        _ key: String,
        of stage: ConfigurationValue,
        _ shell: Shell?
    ) throws -> CommandTemplate {
        switch command.kind {
        case .sequence(let elements):
            guard !elements.isEmpty else { throw error(command, "'\(key)' is empty") }
            if key == "command", let shell = stage["shell"] {
                throw error(
                    shell,
                    "'shell' needs a command that is text, not a list",
                    "write 'command: \"program {name} | other\"', or remove 'shell'"
                )
            }
            return .list(try elements.map { try argument($0, key) })
        case .scalar(let scalar) where scalar.kind != .null && !scalar.text.isEmpty:
            let script = try text(command, key)
            do throws(TemplateError) {
                let template = try CommandTemplate.ShellTemplate(script)
                if let shell, !shell.readsPlaces, !template.template.names(among: ["task"]).isEmpty
                {
                    throw TemplateError(
                        problem: "'\(shell.words[0])' does not read places as sh does",
                        remedy: "name another 'shell', or write the command as a list"
                    )
                }
                return .shell(template, shell ?? .standard)
            } catch {
                throw self.error(command, error.problem, error.remedy)
            }
        default:
            throw error(
                command,
                "'\(key)' must be a list or text",
                Self.remedy(for: command)
            )
        }
    }

    /// An argument of a list; or several, which are left out together.
    private func argument(_ element: ConfigurationValue, _ key: String) throws -> [Template] {
        if let group = element.elements, !group.isEmpty {
            return try group.map { try template(ofArgument: $0, key) }
        }
        return [try template(ofArgument: element, key)]
    }

    private func template(
        ofArgument element: ConfigurationValue,
        _ key: String
    ) throws -> Template {
        guard let scalar = element.scalar else {
            throw error(
                element,
                "an argument of '\(key)' must be text",
                Self.remedy(for: element)
            )
        }
        guard !scalar.text.utf8.contains(0) else {
            throw error(
                element,
                "an argument contains a NUL byte, which cannot be passed to a command"
            )
        }
        return Template(scalar.text)
    }

    func text(_ value: ConfigurationValue, _ key: String) throws -> String {
        guard let scalar = value.scalar, scalar.kind != .null else {
            throw error(value, "'\(key)' must be text", Self.remedy(for: value))
        }
        guard !scalar.text.utf8.contains(0) else {
            throw error(value, "'\(key)' contains a NUL byte, which cannot be passed to a command")
        }
        return scalar.text
    }

    func duration(_ stage: ConfigurationValue, _ key: String) throws -> Duration? {
        guard let value = stage[key] else { return nil }
        guard let limit = value.scalar.flatMap({ TimeSpan(argument: $0.text) }) else {
            throw error(value, "'\(key)' must be a duration", "for example 90s, 10m, 1h or 200ms")
        }
        return limit.duration
    }

    /// YAML takes a placeholder that stands alone for a mapping.
    private static func remedy(for value: ConfigurationValue) -> String? {
        guard let entries = value.entries, entries.count == 1, entries[0].value.isEmpty else {
            return nil
        }
        return "write \"{\(entries[0].key)}\" in quotes"
    }
}
