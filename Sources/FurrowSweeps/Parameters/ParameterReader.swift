import FurrowConfiguration
import FurrowSystem

/// Reads the `parameters`, `include` and `exclude` of a stage into a ``ParameterSpace``.
///
/// A mapping whose only key is `grid`, `range`, `linspace`, `logspace`, `random` (with `samples`
/// and `seed`) or `file` gives the values of a parameter. `zip` contains lists of values that vary
/// together. Any other mapping nests names.
struct ParameterReader {
    private let error: ConfigurationError.InFile
    private let inputs: SweepInputs
    private var fixed: [Parameter] = []
    private var axes: [ParameterAxis] = []
    private var order: [ParameterSpace.Slot] = []
    private var positions: [String: ConfigurationPosition] = [:]

    /// - Parameters:
    ///   - file: the sweep file, for messages.
    ///   - inputs: reads the files named in it.
    init(file: String, inputs: SweepInputs) {
        error = ConfigurationError.InFile(file)
        self.inputs = inputs
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
    private func parameters(_ name: String, _ value: ConfigurationValue) throws -> [Parameter] {
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

    // MARK: Axes

    /// The keys that give several values.
    static let kinds = ["grid", "range", "linspace", "logspace", "random", "file"]

    private func axis(_ value: ConfigurationValue, name: String) throws -> ParameterAxis? {
        guard let entries = value.entries,
            let kind = entries.first(where: { Self.kinds.contains($0.key) })
        else { return nil }
        let companions = ["random": ["samples", "seed"], "file": ["null-separated"]]
        let allowed = [kind.key] + (companions[kind.key] ?? [])
        if let other = entries.first(where: { !allowed.contains($0.key) }) {
            // `range` and `file` are also good names for parameters.
            guard kind.key == "grid" else { return nil }
            throw error(
                kind.keyPosition,
                "'\(kind.key)' of '\(name)' has '\(other.key)' next to it",
                "'\(kind.key)' must be the only key of its mapping"
            )
        }
        switch kind.key {
        case "grid":
            guard let values = kind.value.elements, !values.isEmpty else {
                throw error(kind.value, "the grid of '\(name)' must be a list of values")
            }
            let rows = try values.map { try parameters(name, $0) }
            let isOne = rows.allSatisfy { $0.count == 1 && $0[0].name == name }
            return isOne
                ? ParameterAxis(name, rows.map { $0[0].value }) : ParameterAxis(.rows(rows))
        case "file":
            guard let path = kind.value.scalar?.text, kind.value.scalar?.kind == .text else {
                throw error(kind.value, "'file' of '\(name)' must be a path")
            }
            let separated = value["null-separated"]
            guard separated?.scalar.map({ $0.kind == .boolean }) ?? (separated == nil) else {
                throw error(separated ?? value, "'null-separated' must be true or false")
            }
            let isSeparated = separated?.scalar?.text.lowercased() == "true"
            return try fileAxis(path, name, kind.value, isNullSeparated: isSeparated)
        case "random":
            return try RandomAxis(try keys(of: value, kind), error).axis(name)
        default:
            guard kind.value.entries != nil else { return nil }
            let numbers = try keys(of: kind.value, kind)
            return try NumberAxis(kind: kind.key, numbers, error).axis(name)
        }
    }

    /// The settings of an axis by name.
    private func keys(
        of value: ConfigurationValue,
        _ kind: ConfigurationValue.Entry
    ) throws -> AxisSettings {
        var entries = value.entries ?? []
        if kind.key == "random" {
            // `samples` and `seed` may be next to `random` or inside it.
            entries = entries.filter { $0.key != "random" } + (kind.value.entries ?? [])
        }
        return AxisSettings(kind: kind.key, value: kind.value, entries: entries)
    }

    private func fileAxis(
        _ path: String,
        _ name: String,
        _ place: ConfigurationValue,
        isNullSeparated: Bool
    ) throws -> ParameterAxis {
        let bytes: [UInt8]
        do {
            bytes = try inputs.read(path)
        } catch {
            throw self.error(place, "'\(name)' cannot be read from a file: \(error)")
        }
        if isNullSeparated { return ParameterAxis(name, NullSeparated.values(of: bytes)) }
        if bytes.contains(0) {
            throw error(
                place,
                "the file '\(path)' contains a NUL byte",
                "for a list of find -print0 add 'null-separated: true'"
            )
        }
        if let remedy = TextLines.remedy(for: bytes) {
            throw error(place, "\(path): \(remedy)")
        }
        let separators = [
            "csv": UInt8(ascii: ","), "tsv": UInt8(ascii: "\t"), "tab": UInt8(ascii: "\t"),
        ]
        let ending = path.lowercased().split(separator: ".").last.map(String.init) ?? ""
        guard let separator = separators[ending] else {
            return ParameterAxis(name, TextLines(bytes).map { ParameterValue($0) })
        }
        let rows: CSVRows
        do {
            rows = try CSVRows(bytes, separatedBy: separator)
        } catch {
            throw self.error(place, "\(path): \(error)")
        }
        return ParameterAxis(
            .rows(
                rows.rows.map { row in
                    Swift.zip(rows.header, row).map { Parameter("\(name).\($0)", $1) }
                }
            )
        )
    }
}

extension ConfigurationError.InFile {
    fileprivate func callAsFunction(
        _ value: ConfigurationValue,
        _ problem: ParameterSpace.Problem
    ) -> ConfigurationError {
        self(value, problem.description, problem.remedy)
    }

    fileprivate func callAsFunction(
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
