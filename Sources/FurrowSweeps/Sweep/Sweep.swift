import Foundation
import FurrowConfiguration
import FurrowRuns
import FurrowSystem

/// Commands and their parameters: one stage, or several in sequence.
package struct Sweep: Sendable {
    /// One stage.
    package struct Stage: Sendable {
        /// The settings of its jobs.
        package var settings: StageSettings
        /// The parameters of its jobs.
        package var space: ParameterSpace
        /// The jobs that run; `nil`: all.
        package var selection: JobSelection?

        /// - Parameters:
        ///   - settings: the settings of its jobs.
        ///   - space: the parameters of its jobs.
        ///   - selection: the jobs that run; `nil`: all.
        package init(
            settings: StageSettings,
            space: ParameterSpace,
            selection: JobSelection? = nil
        ) {
            self.settings = settings
            self.space = space
            self.selection = selection
        }

        /// How many jobs run; `nil` if that takes too long to find out.
        package var count: Int? {
            guard let selection else { return space.count }
            return selection.count(in: space)
        }

        /// The jobs that run, in the order of dealing: their numbers, from 0, and parameters.
        ///
        /// - Parameter seed: shuffles them; `nil` leaves them in order.
        package func jobs(shuffledBy seed: UInt64? = nil) -> some Sequence<
            (number: Int, Parameters)
        > {
            let count = selection?.candidates ?? space.count
            let order = seed.map { ShuffledOrder(count: count, seed: $0) }
            return (0..<count).lazy.compactMap { turn -> (number: Int, Parameters)? in
                let place = order?[turn] ?? turn
                guard let selection else { return (place, space[place]) }
                let number = selection.candidate(place)
                let parameters = space[number]
                return selection.satisfies(number, parameters) ? (number, parameters) : nil
            }
        }
    }

    /// The name of its runs.
    package let name: String
    /// The stages.
    package internal(set) var stages: [Stage]
    /// Warnings: things that are odd, but allowed.
    package internal(set) var warnings: [String] = []
    /// The sweep file.
    let document: [UInt8]
    let inputs: SweepInputs

    /// Reads a sweep file, once.
    ///
    /// - Parameters:
    ///   - path: the file, which may be a pipe.
    ///   - settings: `KEY=VALUE` overrides the file; nested keys have dots.
    ///   - overrides: keys in place of the file's.
    /// - Throws: ``Furrow/ConfigurationError``, ``Furrow/UsageError``.
    package init(
        contentsOf path: String,
        setting settings: [String] = [],
        overriding overrides: StageOverrides = StageOverrides()
    ) throws {
        var configuration = try Configuration(contentsOf: path).setting(settings)
        if !overrides.isEmpty {
            configuration = Configuration(
                file: path,
                root: try overrides.applied(to: configuration.root)
            )
        }
        try self.init(
            configuration.root,
            file: path,
            text: configuration.text,
            fallbackName: path.stemOfPath,
            inputs: SweepInputs(relativeTo: path.folderOfPath)
        )
    }

    /// Reads the saved sweep of a run.
    ///
    /// - Parameter directory: the run's directory.
    package init(reopening directory: String) throws {
        let path = RunLayout(directory).configuration
        guard try contentsIfPresent(of: path).map({ !isLost($0) }) == true else {
            throw InputError(
                "\(path) is missing or empty; to resume the run, name the sweep again: "
                    + "furrow run SWEEP.yaml --resume \(ShellQuoting.quoted(directory))"
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

    /// - Parameter text: the source of `root`; `nil` if `root` was changed.
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

    /// The saved form of a sweep that is not a plain file: a line of JSON, which is valid YAML, for
    /// each key.
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
                    + "\(Configuration.maximumByteCount >> 20) MiB when written out for its run",
                remedy: "put long lists of values into files: {file: values.txt}"
            )
        }
        return bytes
    }

    /// A sweep given on the command line.
    ///
    /// - Parameters:
    ///   - parameters: `NAME=VALUE,…`.
    ///   - tasks: a file with one command per line, or one argument per line if there is a command.
    ///   - command: the command's arguments; with a shell, the words of a script.
    ///   - name: the name of its runs; default: the command's name.
    ///   - overrides: further keys.
    /// - Throws: ``Furrow/UsageError``; ``Furrow/InputError`` for the content of a file.
    package init(
        parameters: [String],
        tasks: String?,
        command: [String],
        name: String?,
        overriding overrides: StageOverrides = StageOverrides()
    ) throws {
        func text(_ text: String) -> ConfigurationValue {
            ConfigurationValue(.scalar(ConfigurationScalar(quoted: text)), at: .commandLine)
        }
        var entries: [(String, ConfigurationValue)] = []
        var fallback = "tasks"
        if let program = command.first {
            let arguments =
                overrides.has(.shell)
                ? text(command.joined(separator: " "))
                : ConfigurationValue(.sequence(command.map(text)), at: .commandLine)
            entries.append(("command", arguments))
            let words = overrides.has(.shell) ? program.prefix { !$0.isWhitespace } : program[...]
            fallback = String(words).nameOfPath
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
        do {
            try self.init(
                try overrides.applied(
                    to: CommandLineParameters.mapping([("name", text(chosen))] + entries)
                ),
                file: "command line",
                text: nil,
                fallbackName: chosen,
                inputs: SweepInputs(relativeTo: "")
            )
        } catch let error as ConfigurationError {
            // Nothing of it stands in a file with lines.
            throw UsageError(error.problem + (error.remedy.map { "; \($0)" } ?? ""))
        }
    }

    /// Saves in a run's directory all that ``init(reopening:)`` needs.
    package func save(in directory: String) throws {
        try inputs.save(in: directory)
        try AtomicFile.write(document, to: RunLayout(directory).configuration)
    }
}

extension ConfigurationValue {
    /// The number of values in it, itself and keys included.
    fileprivate var valueCount: Int {
        switch kind {
        case .scalar: 1
        case .sequence(let elements): elements.reduce(1) { $0 + $1.valueCount }
        case .mapping(let entries): entries.reduce(1) { $0 + 1 + $1.value.valueCount }
        }
    }

    /// A copy with a `name`, taken from the name of the file.
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
