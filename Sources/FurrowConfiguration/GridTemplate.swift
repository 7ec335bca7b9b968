/// A value with holes in place of its grids.
indirect enum GridTemplate: Sendable {
    /// A value without grids.
    case fixed(ConfigurationValue)
    /// A hole for the element of a grid.
    case axis(Int)
    /// A list or mapping, and its children that contain grids.
    case container(ConfigurationValue, changes: [(slot: Int, template: GridTemplate)])

    /// Fills the holes.
    ///
    /// - Parameters:
    ///   - choices: For each axis the index of the element to take.
    ///   - axes: The axes.
    /// - Returns: A value without grids.
    func value(choosing choices: [Int], of axes: [Grid.Axis]) -> ConfigurationValue {
        switch self {
        case .fixed(let value):
            return value
        case .axis(let place):
            return axes[place].values[choices[place]]
        case .container(let value, let changes):
            switch value.kind {
            case .scalar:
                return value
            case .sequence(var elements):
                for (slot, template) in changes {
                    elements[slot] = template.value(choosing: choices, of: axes)
                }
                return ConfigurationValue(.sequence(elements), at: value.position)
            case .mapping(var entries):
                for (slot, template) in changes {
                    entries[slot] = ConfigurationValue.Entry(
                        key: entries[slot].key,
                        keyPosition: entries[slot].keyPosition,
                        value: template.value(choosing: choices, of: axes)
                    )
                }
                return ConfigurationValue(.mapping(entries), at: value.position)
            }
        }
    }
}

/// Finds the grids of a value in the order of the file.
struct GridBuilder {
    /// The name to use in messages.
    let file: String
    /// The grids found so far.
    private(set) var axes: [Grid.Axis] = []
    private var path: [String] = []

    init(file: String) {
        self.file = file
    }

    /// The template of a value.
    ///
    /// - Parameter value: The value.
    /// - Returns: Its template, or nil if it contains no grid.
    /// - Throws: A ``ConfigurationError`` if a grid is not well formed.
    mutating func template(of value: ConfigurationValue) throws(ConfigurationError)
        -> GridTemplate?
    {
        var changes: [(slot: Int, template: GridTemplate)] = []
        switch value.kind {
        case .scalar:
            return nil
        case .sequence(let elements):
            for (slot, element) in elements.enumerated() {
                path.append(ConfigurationPath.step(at: slot))
                defer { path.removeLast() }
                if let template = try template(of: element) { changes.append((slot, template)) }
            }
        case .mapping(let entries):
            if let grid = entries.first(where: { $0.key == Grid.key }) {
                return try axis(grid, among: entries)
            }
            for (slot, entry) in entries.enumerated() {
                path.append(entry.key)
                defer { path.removeLast() }
                if let template = try template(of: entry.value) {
                    changes.append((slot, template))
                }
            }
        }
        return changes.isEmpty ? nil : .container(value, changes: changes)
    }

    private mutating func axis(
        _ grid: ConfigurationValue.Entry,
        among entries: [ConfigurationValue.Entry]
    ) throws(ConfigurationError) -> GridTemplate {
        if let other = entries.first(where: { $0.key != Grid.key }) {
            throw ConfigurationError(
                file: file,
                position: grid.keyPosition,
                problem: "'grid' has '\(other.key)' next to it\(ConfigurationPath.suffix(path))",
                remedy: "'grid' must be the only key of its mapping"
            )
        }
        guard let values = grid.value.elements else {
            throw ConfigurationError(
                file: file,
                position: grid.value.position,
                problem: "\(name) must be a list, but is \(grid.value.shape)",
                remedy: "for example grid: [1, 2]"
            )
        }
        if values.isEmpty {
            throw ConfigurationError(
                file: file,
                position: grid.value.position,
                problem: "\(name) has no values",
                remedy: "give it at least one value, or remove it"
            )
        }
        for value in values {
            guard let inner = Self.innerGrid(of: value) else { continue }
            throw ConfigurationError(
                file: file,
                position: inner.keyPosition,
                problem: "\(name) contains another grid",
                remedy: "list all the values in one grid"
            )
        }
        axes.append(Grid.Axis(path: path, position: grid.keyPosition, values: values))
        return .axis(axes.count - 1)
    }

    private var name: String {
        path.isEmpty ? "the grid" : "the grid of '\(ConfigurationPath.text(path))'"
    }

    private static func innerGrid(of value: ConfigurationValue) -> ConfigurationValue.Entry? {
        for element in value.elements ?? [] {
            if let grid = innerGrid(of: element) { return grid }
        }
        for entry in value.entries ?? [] {
            if entry.key == Grid.key { return entry }
            if let grid = innerGrid(of: entry.value) { return grid }
        }
        return nil
    }
}
