import Foundation
import FurrowConfiguration
import FurrowRuns
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
        package func order(shuffledBy seed: UInt64?) -> ShuffledOrder? {
            seed.map { ShuffledOrder(count: space.count, seed: $0) }
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

    /// Reads a sweep file, once.
    ///
    /// - Parameters:
    ///   - path: the file; may be a pipe.
    ///   - settings: `KEY=VALUE` in place of what the file says, with dots in nested keys.
    /// - Throws: ``Furrow/ConfigurationError``, ``Furrow/UsageError``.
    package init(contentsOf path: String, setting settings: [String] = []) throws {
        let configuration = try Configuration(contentsOf: path).setting(settings)
        try self.init(
            configuration.root,
            file: path,
            text: configuration.text,
            fallbackName: path.stemOfPath,
            inputs: SweepInputs(relativeTo: path.folderOfPath)
        )
    }

    /// Reads what a run was given.
    ///
    /// - Parameter directory: the run's directory.
    package init(reopening directory: String) throws {
        let path = RunLayout(directory).configuration
        guard try contentsIfPresent(of: path).map({ !isLost($0) }) == true else {
            throw InputError(
                "\(path) is missing or empty; name the sweep again to go on with its run: "
                    + "furrow run SWEEP.yaml --resume \(directory)"
            )
        }
        let configuration = try Configuration(contentsOf: path)
        try self.init(
            configuration.root,
            file: path,
            text: configuration.text,
            fallbackName: "sweep",
            inputs: SweepInputs(relativeTo: directory, isKept: true)
        )
    }

    /// - Parameter text: what `root` was read from; `nil` where it says something else.
    private init(
        _ root: ConfigurationValue,
        file: String,
        text: String?,
        fallbackName: String,
        inputs: SweepInputs
    ) throws {
        let reader = SweepReader(file: file, inputs: inputs)
        let read = try reader.read(root, fallbackName: fallbackName)
        name = read.name
        stages = read.stages
        warnings = read.warnings
        if let text, read.isNamed {
            document = Array(text.utf8)
        } else {
            document = try Self.document(of: root.named(name), file: file)
        }
        self.inputs = inputs
    }

    /// What a run keeps of a sweep that stands in no file as it is: a line of JSON, which is YAML,
    /// for each key.
    private static func document(
        of root: ConfigurationValue,
        file: String
    ) throws(ConfigurationError) -> [UInt8] {
        let lines = (root.entries ?? []).map { "\(JSONString.encode($0.key)): \($0.value.json)\n" }
        let bytes = Array(lines.joined().utf8)
        guard bytes.count <= Configuration.maximumByteCount,
            root.valueCount <= Configuration.maximumValueCount
        else {
            throw ConfigurationError(
                file: file,
                problem: "the sweep has more than \(Configuration.maximumValueCount) values or "
                    + "\(Configuration.maximumByteCount >> 20) MiB, written out for its run",
                remedy: "put long lists of values into files of their own: {file: values.txt}"
            )
        }
        return bytes
    }

    /// A sweep of the command line.
    ///
    /// - Parameters:
    ///   - parameters: `NAME=VALUE,…`.
    ///   - tasks: a file with one command a line, or one argument a line where there is a command.
    ///   - command: the command's arguments.
    ///   - name: what its runs are called; the command's name, if not given.
    /// - Throws: ``Furrow/ConfigurationError``, ``Furrow/UsageError``, ``Furrow/InputError``.
    package init(
        parameters: [String],
        tasks: String?,
        command: [String],
        name: String?
    ) throws {
        func text(_ text: String) -> ConfigurationValue {
            ConfigurationValue(.scalar(ConfigurationScalar(quoted: text)), at: .commandLine)
        }
        var entries: [(String, ConfigurationValue)] = []
        var fallback = "tasks"
        if let program = command.first {
            let arguments = ConfigurationValue(.sequence(command.map(text)), at: .commandLine)
            entries.append(("command", arguments))
            fallback = program.nameOfPath
        }
        if let tasks {
            entries.append(("tasks", text(tasks)))
            if command.isEmpty, tasks != "-" {
                fallback = tasks.stemOfPath
            }
        }
        if !parameters.isEmpty {
            entries.append(("parameters", try CommandLineParameters.read(parameters)))
        }
        let chosen = name ?? (fallback.isEmpty ? "sweep" : fallback)
        try self.init(
            CommandLineParameters.mapping([("name", text(chosen))] + entries),
            file: "command line",
            text: nil,
            fallbackName: chosen,
            inputs: SweepInputs(relativeTo: "")
        )
    }

    /// Puts all into a run's directory that ``init(reopening:)`` needs.
    package func save(in directory: String) throws {
        try inputs.save(in: directory)
        try AtomicFile.write(document, to: RunLayout(directory).configuration)
    }
}

extension ConfigurationValue {
    /// How many values there are in it, itself among them, keys too.
    fileprivate var valueCount: Int {
        switch kind {
        case .scalar: 1
        case .sequence(let elements): elements.reduce(1) { $0 + $1.valueCount }
        case .mapping(let entries): entries.reduce(1) { $0 + 1 + $1.value.valueCount }
        }
    }

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
