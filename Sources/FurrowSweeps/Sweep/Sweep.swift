import Foundation
import FurrowConfiguration
import FurrowSystem

/// Commands to run and the parameters to run them with: one stage, or several one after the other.
package struct Sweep: Sendable {
    /// One stage.
    package struct Stage: Sendable {
        /// What its jobs have in common.
        package var settings: StageSettings
        /// What they differ in.
        package var space: ParameterSpace

        /// - Parameters:
        ///   - settings: what its jobs have in common.
        ///   - space: what they differ in.
        package init(settings: StageSettings, space: ParameterSpace) {
            self.settings = settings
            self.space = space
        }

        /// The jobs' numbers, from 0, in the order in which they are dealt.
        ///
        /// - Parameter seed: shuffles them; `nil` leaves them in order.
        package func order(shuffledBy seed: UInt64?) -> [Int]? {
            guard let seed else { return nil }
            var random = SeededRandom(seed: seed)
            return random.permutation(of: space.count)
        }
    }

    /// What its runs are called.
    package let name: String
    /// The stages.
    package internal(set) var stages: [Stage]
    /// What is odd about it, but no mistake.
    package internal(set) var warnings: [String] = []
    /// The sweep file.
    let document: [UInt8]
    let inputs: SweepInputs

    /// The name of the sweep file in a run's directory.
    static let fileName = "sweep.yaml"

    /// Reads a sweep file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - settings: `KEY=VALUE` in place of what the file says, with dots in nested keys.
    /// - Throws: ``Furrow/ConfigurationError``, ``Furrow/UsageError``.
    package init(contentsOf path: String, setting settings: [String] = []) throws {
        try self.init(
            Configuration(contentsOf: path).setting(settings),
            document: FileManager.default.contents(atPath: path) ?? Data(),
            fallbackName: path.stemOfPath,
            inputs: SweepInputs(relativeTo: path.folderOfPath),
            isChanged: !settings.isEmpty
        )
    }

    /// Reads what a run was given.
    ///
    /// - Parameter directory: the run's directory.
    package init(reopening directory: String) throws {
        let path = "\(directory)/\(Self.fileName)"
        let document = FileManager.default.contents(atPath: path) ?? Data()
        guard document.contains(where: { $0 != 0 }) else {
            throw InputError(
                "\(path) is missing or empty; name the sweep again to go on with its run: "
                    + "furrow run SWEEP.yaml --resume \(directory)"
            )
        }
        try self.init(
            Configuration(contentsOf: path),
            document: document,
            fallbackName: "sweep",
            inputs: SweepInputs(relativeTo: directory, isKept: true),
            isChanged: false
        )
    }

    private init(
        _ configuration: Configuration,
        document: some Sequence<UInt8>,
        fallbackName: String,
        inputs: SweepInputs,
        isChanged: Bool
    ) throws {
        let reader = SweepReader(file: configuration.file, inputs: inputs)
        let read = try reader.read(configuration.root, fallbackName: fallbackName)
        name = read.name
        stages = read.stages
        warnings = read.warnings
        // JSON is YAML: what was changed on the command line is written as one line of it.
        let text = read.isNamed && !isChanged ? nil : configuration.root.named(name).json + "\n"
        self.document = text.map { Array($0.utf8) } ?? Array(document)
        self.inputs = inputs
    }

    /// A sweep of the command line.
    ///
    /// - Parameters:
    ///   - parameters: `NAME=VALUE,…`.
    ///   - tasks: a file with one command a line, or one argument a line where there is a command.
    ///   - command: the command's arguments.
    ///   - name: what its runs are called; the command's name, if not given.
    package init(
        parameters: [String],
        tasks: String?,
        command: [String],
        name: String?
    ) throws {
        var entries: [(String, String)] = []
        var fallback = "tasks"
        if let program = command.first {
            entries.append(("command", JSONString.list(command.map(JSONString.encode))))
            fallback = program.nameOfPath
        }
        if let tasks {
            entries.append(("tasks", JSONString.encode(tasks)))
            if command.isEmpty, tasks != "-" {
                fallback = tasks.stemOfPath
            }
        }
        var members: [String] = []
        for text in parameters {
            let (name, values) = try CommandLineParameters.read(text)
            let list = JSONString.list(
                values.map { $0.kind == .text ? $0.json : $0.text.isEmpty ? "\"\"" : $0.text }
            )
            members.append("\(JSONString.encode(name)): {grid: \(list)}")
        }
        if !members.isEmpty {
            entries.append(("parameters", "{\(members.joined(separator: ", "))}"))
        }
        let chosen = name ?? (fallback.isEmpty ? "sweep" : fallback)
        let yaml =
            "name: \(JSONString.encode(chosen))\n"
            + entries.map { "\($0): \($1)\n" }.joined()
        try self.init(
            Configuration(parsing: yaml, file: "command line"),
            document: yaml.utf8,
            fallbackName: chosen,
            inputs: SweepInputs(relativeTo: ""),
            isChanged: false
        )
    }

    /// Puts all into a run's directory that ``init(reopening:)`` needs.
    package func save(in directory: String) throws {
        try inputs.save(in: directory)
        try AtomicFile.write(document, to: "\(directory)/\(Self.fileName)")
    }
}

extension ConfigurationValue {
    /// With a `name`, which the file's own name gave it.
    func named(_ name: String) -> ConfigurationValue {
        guard let entries, self["name"] == nil else { return self }
        let entry = Entry(
            key: "name",
            keyPosition: position,
            value: ConfigurationValue(.scalar(ConfigurationScalar(quoted: name)), at: position)
        )
        return ConfigurationValue(.mapping([entry] + entries), at: position)
    }
}
