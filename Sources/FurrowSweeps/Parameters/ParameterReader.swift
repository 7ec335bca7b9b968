import FurrowConfiguration
import FurrowSystem

/// Reads the `parameters`, `include` and `exclude` of a stage into a ``ParameterSpace``.
///
/// A mapping whose only key is `grid`, `range`, `linspace`, `logspace`, `random` (with `samples`
/// and `seed`) or `file` gives the values of a parameter. `zip` contains lists of values that vary
/// together. Any other mapping nests names.
struct ParameterReader {
    let error: ConfigurationError.InFile
    let inputs: SweepInputs
    private let refusesRanges: Bool
    /// The mappings that may have been meant to give several values.
    private(set) var mistakes: [AxisMistake] = []
    private var fixed: [Parameter] = []
    private var axes: [ParameterAxis] = []
    private var order: [ParameterSpace.Slot] = []
    private var positions: [String: ConfigurationPosition] = [:]

    /// - Parameters:
    ///   - file: the sweep file, for messages.
    ///   - inputs: reads the files named in it.
    ///   - refusesRanges: whether a text that is a range on the command line is an error, unless it
    ///     is in quotes.
    init(file: String, inputs: SweepInputs, refusesRanges: Bool = false) {
        error = ConfigurationError.InFile(file)
        self.inputs = inputs
        self.refusesRanges = refusesRanges
    }

    /// - Parameter stage: the mapping of the stage.
    mutating func space(of stage: ConfigurationValue) throws -> ParameterSpace {
        if let parameters = stage["parameters"], !parameters.isEmpty {
            guard let entries = parameters.entries else {
                throw error(
                    parameters,
                    "'parameters' must be a mapping",
                    "write 'name: value' lines"
                )
            }
            try read(entries, below: [])
        }
        try requireLeaves(stage["parameters"] ?? stage)
        let includes = try combinations(stage["include"], "include")
        let excludes = try combinations(stage["exclude"], "exclude")
        let known = fixed.map(\.name) + axes.flatMap(\.names)
        for (exclude, value) in excludes {
            for parameter in exclude where !known.contains(parameter.name) {
                throw error(
                    value,
                    "'exclude' has the unknown parameter '\(parameter.name)'",
                    known
                )
            }
        }
        do {
            return try ParameterSpace(
                fixed: fixed,
                axes: axes,
                order: order,
                excludes: excludes.map(\.0),
                includes: includes.map(\.0)
            )
        } catch {
            throw self.error(error.isOfExcludes ? stage["exclude"] ?? stage : stage, error)
        }
    }

    /// A name cannot have a value and be the group of other names: `FURROW_PARAMS` could not hold
    /// both. Rows of one axis may differ.
    private func requireLeaves(_ place: ConfigurationValue) throws {
        let sources = fixed.map { [$0.name] } + axes.map(\.names)
        var owners: [String: Int] = [:]
        for (source, names) in sources.enumerated() { for name in names { owners[name] = source } }
        for (source, names) in sources.enumerated() {
            for name in names {
                var group = name[...]
                while let dot = group.lastIndex(of: ".") {
                    group = group[..<dot]
                    guard let owner = owners[String(group)], owner != source else { continue }
                    throw error(
                        place,
                        "'\(group)' has a value, and is also the group of '\(name)'",
                        "rename one of them"
                    )
                }
            }
        }
    }

    // MARK: Names

    private mutating func read(_ entries: [ConfigurationValue.Entry], below path: [String]) throws {
        for entry in entries {
            let path = path + [entry.key]
            if entry.key == "zip", let lists = entry.value.entries {
                try zip(lists, entry, below: path.dropLast())
            } else if let axis = try axis(entry.value, name: path.joined(separator: ".")) {
                for name in axis.names { try claim(name, entry) }
                order.append(.axis(axes.count))
                axes.append(axis)
            } else if let children = entry.value.entries {
                let name = path.joined(separator: ".")
                if let mistake = AxisMistake(name, children, error) { mistakes.append(mistake) }
                try read(children, below: path)
            } else {
                let name = path.joined(separator: ".")
                try claim(name, entry)
                order.append(.fixed(fixed.count))
                fixed.append(Parameter(name, try value(entry.value)))
            }
        }
    }

    private mutating func claim(_ name: String, _ entry: ConfigurationValue.Entry) throws {
        if let first = positions.updateValue(entry.keyPosition, forKey: name) {
            throw error(
                entry.keyPosition,
                "the parameter '\(name)' is given here and in line \(first.line)",
                "give it once"
            )
        }
    }

    private mutating func zip(
        _ lists: [ConfigurationValue.Entry],
        _ entry: ConfigurationValue.Entry,
        below path: ArraySlice<String>
    ) throws {
        var rows: [[Parameter]]?
        for list in lists {
            let name = (path + [list.key]).joined(separator: ".")
            guard let values = list.value.elements else {
                throw error(list.value, "'\(list.key)' under 'zip' must be a list")
            }
            try claim(name, list)
            if let count = rows?.count, count != values.count {
                throw error(
                    list.value,
                    "'\(list.key)' has \(values.count) values, '\(lists[0].key)' has \(count)",
                    "lists under 'zip' must have the same length"
                )
            }
            let column = try values.map { Parameter(name, try value($0)) }
            rows = rows.map { Swift.zip($0, column).map { $0 + [$1] } } ?? column.map { [$0] }
        }
        order.append(.axis(axes.count))
        axes.append(ParameterAxis(.rows(rows ?? [])))
    }

    // MARK: Values

    /// A value as used in a command; a list becomes JSON.
    private func value(_ value: ConfigurationValue) throws -> ParameterValue {
        if let inner = value.entries?.first(where: { $0.key == "grid" }) {
            throw error(
                inner.keyPosition,
                "a grid must not be inside a list or another grid",
                "list all values in one grid"
            )
        }
        switch value.kind {
        case .scalar(let scalar):
            if scalar.text.utf8.contains(0) {
                throw error(
                    value,
                    "a value contains a NUL byte, which cannot be passed to a command"
                )
            }
            if refusesRanges, !scalar.isQuoted,
                let range = CommandLineRange.form(inFileOf: scalar.text)
            {
                throw error(
                    value,
                    "'\(scalar.text)' is a range only on the command line",
                    "write \(range) as the value of the parameter, or \"\(scalar.text)\" in quotes "
                        + "for the text"
                )
            }
            return ParameterValue(scalar)
        case .sequence(let elements):
            let members = try elements.map { try self.value($0).json }
            return ParameterValue(Array("[\(members.joined(separator: ", "))]".utf8), .json)
        case .mapping(let entries):
            let members = try entries.map {
                "\(JSONString.encode($0.key)): \(try self.value($0.value).json)"
            }
            return ParameterValue(Array("{\(members.joined(separator: ", "))}".utf8), .json)
        }
    }

    /// A value under a name: one parameter, or one for every leaf of a mapping.
    func parameters(_ name: String, _ value: ConfigurationValue) throws -> [Parameter] {
        guard let entries = value.entries, !entries.contains(where: { $0.key == "grid" }) else {
            return [Parameter(name, try self.value(value))]
        }
        let parameters = try entries.flatMap { try self.parameters("\(name).\($0.key)", $0.value) }
        try requireDistinct(parameters, value)
        return parameters
    }

    /// `a.b` and `b` below `a` are the same name.
    private func requireDistinct(_ parameters: [Parameter], _ place: ConfigurationValue) throws {
        var names: Set<String> = []
        for parameter in parameters where !names.insert(parameter.name).inserted {
            throw error(place, "the parameter '\(parameter.name)' is given twice here")
        }
    }

    private func combinations(
        _ list: ConfigurationValue?,
        _ key: String
    ) throws -> [([Parameter], ConfigurationValue)] {
        guard let list, !list.isEmpty else { return [] }
        guard let elements = list.elements else {
            throw error(list, "'\(key)' must be a list", "write '- name: value' lines")
        }
        return try elements.map { element in
            guard let entries = element.entries else {
                throw error(
                    element,
                    "each entry of '\(key)' must be a mapping",
                    "write 'name: value'"
                )
            }
            let parameters = try entries.flatMap { try self.parameters($0.key, $0.value) }
            try requireDistinct(parameters, element)
            return (parameters, element)
        }
    }
}

extension ConfigurationError.InFile {
    func callAsFunction(
        _ value: ConfigurationValue,
        _ problem: ParameterSpace.Problem
    ) -> ConfigurationError {
        self(value, problem.description, problem.remedy)
    }

    func callAsFunction(
        _ value: ConfigurationValue,
        _ problem: String,
        _ known: [String]
    ) -> ConfigurationError {
        self(value, problem, "valid: \(known.joined(separator: ", "))")
    }
}

extension ConfigurationValue {
    /// Whether there is no value, as in `key:`.
    var isEmpty: Bool { scalar?.kind == .null }
}
