import FurrowConfiguration
import FurrowSystem

/// Parameters with several values.
extension ParameterReader {
    /// The keys that give several values.
    static let kinds = ["grid", "range", "linspace", "logspace", "random", "file"]

    /// The keys that may stand next to them.
    static let companions = ["random": ["samples", "seed"], "file": ["null-separated"]]

    func axis(_ value: ConfigurationValue, name: String) throws -> ParameterAxis? {
        guard let entries = value.entries,
            let kind = entries.first(where: { Self.kinds.contains($0.key) })
        else { return nil }
        let allowed = [kind.key] + (Self.companions[kind.key] ?? [])
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
    func keys(
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

    func fileAxis(
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
        if let problem = TextLines.problem(of: bytes) {
            throw error(place, "\(path): \(problem)")
        }
        if bytes.contains(0) {
            throw error(
                place,
                "the file '\(path)' contains a NUL byte: it is not text (UTF-8)",
                "a list of find -print0 needs 'null-separated: true'; convert text in another "
                    + "encoding with iconv"
            )
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
