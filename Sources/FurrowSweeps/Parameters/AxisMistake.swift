import FurrowConfiguration
import FurrowSystem

/// A mapping that nests a name, but is nearly one that gives several values: with a mistyped key,
/// `n: {gird: [1, 2]}`, or with a value of another form, `n: {range: [0, 5]}`.
struct AxisMistake {
    /// The name above it, `n`.
    let group: String
    /// The name that it nests, `n.gird`.
    let name: String
    /// What is wrong, if no placeholder uses the name.
    let error: ConfigurationError
    /// Whether its value has the form of one that gives several values; another one may be meant as
    /// a value.
    private let isClear: Bool

    /// - Parameters:
    ///   - group: the name of the mapping.
    ///   - entries: its entries, which give no values.
    ///   - error: makes errors.
    /// - Returns: `nil` for any other mapping.
    init?(
        _ group: String,
        _ entries: [ConfigurationValue.Entry],
        _ error: ConfigurationError.InFile
    ) {
        let kinds = ParameterReader.kinds
        let companions = ParameterReader.companions.values.flatMap { $0 }
        let others = entries.filter { !companions.contains($0.key) }
        guard others.count == 1, let entry = others.first,
            let kind = NearestName.nearest(to: entry.key, among: kinds)
        else { return nil }
        self.group = group
        name = "\(group).\(entry.key)"
        let note = "for a parameter of this name write '\(name): …'"
        guard kind != entry.key else {
            guard entries.count == 1, NumberAxis.keys[kind] != nil,
                let example = AxisExamples.texts[kind]
            else { return nil }
            self.error = error(
                entry.value,
                "'\(kind)' of '\(group)' must be a mapping",
                "for example \(example); \(note)"
            )
            isClear = true
            return
        }
        self.error = error(
            entry.keyPosition,
            "unknown key '\(entry.key)' in '\(group)'",
            NearestName.remedy(for: entry.key, among: kinds, note: note)
        )
        // `grid_size` is no mistyped `grid`.
        let isExtended = abs(entry.key.count - kind.count) > 2
        isClear = !isExtended && Self.hasForm(of: kind, entry.value)
    }

    private static func hasForm(of kind: String, _ value: ConfigurationValue) -> Bool {
        if kind == "grid" { return value.elements?.isEmpty == false }
        let keys = kind == "random" ? RandomAxis.keys : NumberAxis.keys[kind] ?? []
        guard let entries = value.entries, !entries.isEmpty else { return false }
        return entries.allSatisfy { keys.contains($0.key) }
    }

    /// Whether it is one, and no name.
    ///
    /// - Parameter used: the names in placeholders.
    func isCertain(where used: Set<String>) -> Bool {
        !used.contains(name) && (isClear || used.contains(group))
    }
}
