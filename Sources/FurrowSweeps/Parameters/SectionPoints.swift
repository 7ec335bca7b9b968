package import FurrowConfiguration
import FurrowRuns
import FurrowSystem

/// The points of a section of an application's configuration: the section with one value of each
/// axis.
///
/// A section with no other axes than grids has them as ``Grid`` does, wherever they are. One with
/// `range`, `linspace`, `logspace`, `random`, `zip`, `include` or `exclude` has the points that a
/// sweep with these parameters has.
package struct SectionPoints: Sendable, RandomAccessCollection {
    private enum Source: Sendable {
        case grid(Grid)
        /// The section without its axes, and the points of these.
        case space(ConfigurationValue, ParameterSpace, fixed: Set<String>)
    }

    private let source: Source
    private let position: ConfigurationPosition

    /// - Parameters:
    ///   - section: the section's value.
    ///   - file: the name to use in messages.
    /// - Throws: a `ConfigurationError` if an axis is not well formed.
    package init(_ section: ConfigurationValue, file: String) throws {
        position = section.position
        guard let entries = section.entries, Self.hasAxes(section) else {
            source = .grid(try Grid(section, file: file))
            return
        }
        let (combinations, parameters) = (
            entries.filter(Self.isCombinations), entries.filter { !Self.isCombinations($0) }
        )
        func mapping(_ entries: [ConfigurationValue.Entry]) -> ConfigurationValue {
            ConfigurationValue(.mapping(entries), at: section.position)
        }
        let stage = mapping(
            [
                ConfigurationValue.Entry(
                    key: "parameters",
                    keyPosition: section.position,
                    value: mapping(parameters)
                )
            ] + combinations
        )
        var reader = ParameterReader(file: file, inputs: SweepInputs(relativeTo: ""))
        let space = try reader.space(of: stage)
        let rest = Self.withoutAxes(mapping(parameters))
        source = .space(rest, space, fixed: Set(space.fixed.map(\.name)))
    }

    /// The keys of mappings that are axes of numbers.
    private static let axes = ["range", "linspace", "logspace", "random"]

    /// Whether a mapping is an axis, not a value that happens to have such a key.
    private static func isAxis(_ value: ConfigurationValue) -> Bool {
        guard let entries = value.entries,
            let axis = entries.first(where: { axes.contains($0.key) })
        else { return value.entries?.count == 1 && value.entries?[0].key == Grid.key }
        let isAlone = entries.allSatisfy {
            $0.key == axis.key || axis.key == "random" && ["samples", "seed"].contains($0.key)
        }
        return isAlone && axis.value.entries != nil
    }

    private static func isZip(_ entry: ConfigurationValue.Entry) -> Bool {
        guard entry.key == "zip", let lists = entry.value.entries else { return false }
        return lists.allSatisfy { $0.value.elements != nil }
    }

    private static func isCombinations(_ entry: ConfigurationValue.Entry) -> Bool {
        guard ["include", "exclude"].contains(entry.key), let elements = entry.value.elements,
            !elements.isEmpty
        else { return false }
        return elements.allSatisfy { $0.entries != nil }
    }

    /// Whether there is anything that ``Grid`` does not read.
    private static func hasAxes(_ section: ConfigurationValue) -> Bool {
        func isFound(in value: ConfigurationValue) -> Bool {
            (value.entries ?? []).contains { entry in
                isZip(entry) || isAxis(entry.value) && entry.value.entries?[0].key != Grid.key
                    || isFound(in: entry.value)
            }
        }
        return isFound(in: section) || (section.entries ?? []).contains(where: isCombinations)
    }

    private static func withoutAxes(_ value: ConfigurationValue) -> ConfigurationValue {
        guard let entries = value.entries else { return value }
        let kept = entries.compactMap { entry -> ConfigurationValue.Entry? in
            if isZip(entry) { return nil }
            if isAxis(entry.value) {
                // Keeps its place in the file for messages.
                let empty = ConfigurationValue(.mapping([]), at: entry.value.position)
                return ConfigurationValue.Entry(
                    key: entry.key,
                    keyPosition: entry.keyPosition,
                    value: empty
                )
            }
            return ConfigurationValue.Entry(
                key: entry.key,
                keyPosition: entry.keyPosition,
                value: withoutAxes(entry.value)
            )
        }
        return ConfigurationValue(.mapping(kept), at: value.position)
    }

    // MARK: Points

    /// The first index, 0.
    package var startIndex: Int { 0 }
    /// The number of points.
    package var endIndex: Int {
        switch source {
        case .grid(let grid): grid.count
        case .space(_, let space, _): space.count
        }
    }

    /// A point.
    package subscript(index: Int) -> ConfigurationValue {
        switch source {
        case .grid(let grid): grid[index]
        case .space(let rest, let space, let fixed): value(of: space[index], in: rest, fixed, space)
        }
    }

    /// A few points that together have every value of every axis, to find mistakes in a
    /// configuration before it runs. Of an axis of numbers they have the first and the last.
    package var samples: [ConfigurationValue] {
        switch source {
        case .grid(let grid): return Array(grid.axisSamples)
        case .space(let rest, let space, let fixed):
            guard space.axes.allSatisfy({ $0.count > 0 }) else { return Array(self) }
            let first = [Int](repeating: 0, count: space.axes.count)
            var points = [first]
            for (axis, values) in space.axes.enumerated() {
                let places =
                    values.isListed ? Array(1..<values.count) : [values.count - 1].filter { $0 > 0 }
                for place in places {
                    var point = first
                    point[axis] = place
                    points.append(point)
                }
            }
            let combinations = space.axes.isEmpty ? [] : points.map { space.point(at: $0) }
            return (combinations + space.suffix(space.includes.count)).map {
                value(of: $0, in: rest, fixed, space)
            }
        }
    }

    private func value(
        of point: Parameters,
        in rest: ConfigurationValue,
        _ fixed: Set<String>,
        _ space: ParameterSpace
    ) -> ConfigurationValue {
        var value = rest
        for parameter in point.all {
            if fixed.contains(parameter.name),
                space.fixed.contains(where: {
                    $0.name == parameter.name && $0.value == parameter.value
                })
            {
                continue
            }
            let path = parameter.name.split(separator: ".").map { String($0) }
            value = value.replacing(path[...], with: parameter.value)
        }
        return value
    }
}

extension ParameterAxis {
    /// Whether its values were written one by one.
    fileprivate var isListed: Bool {
        switch points {
        case .values, .rows: true
        case .integers, .decimals, .spaced: false
        }
    }
}

extension ParameterValue {
    /// As a value of a configuration.
    fileprivate func configuration(at position: ConfigurationPosition) -> ConfigurationValue {
        switch kind {
        case .json:
            if let value = try? Configuration(parsing: "value: \(text)", file: "").root["value"] {
                return value.moved(to: position)
            }
            return ConfigurationValue(.scalar(ConfigurationScalar(quoted: text)), at: position)
        case .text:
            return ConfigurationValue(.scalar(ConfigurationScalar(quoted: text)), at: position)
        case .null, .boolean, .integer, .float:
            return ConfigurationValue(.scalar(ConfigurationScalar(plain: text)), at: position)
        }
    }
}

extension ConfigurationValue {
    /// A copy with all positions at one place.
    fileprivate func moved(to position: ConfigurationPosition) -> ConfigurationValue {
        switch kind {
        case .scalar: return ConfigurationValue(kind, at: position)
        case .sequence(let elements):
            return ConfigurationValue(
                .sequence(elements.map { $0.moved(to: position) }),
                at: position
            )
        case .mapping(let entries):
            let moved = entries.map {
                Entry(key: $0.key, keyPosition: position, value: $0.value.moved(to: position))
            }
            return ConfigurationValue(.mapping(moved), at: position)
        }
    }

    /// A copy with another value at a path; missing mappings are added.
    fileprivate func replacing(
        _ path: ArraySlice<String>,
        with value: ParameterValue
    ) -> ConfigurationValue {
        guard let key = path.first else { return value.configuration(at: position) }
        var entries = entries ?? []
        if let place = entries.firstIndex(where: { $0.key == key }) {
            let old = entries[place]
            entries[place] = Entry(
                key: key,
                keyPosition: old.keyPosition,
                value: old.value.replacing(path.dropFirst(), with: value)
            )
        } else {
            let group = ConfigurationValue(.mapping([]), at: position)
            entries.append(
                Entry(
                    key: key,
                    keyPosition: position,
                    value: group.replacing(path.dropFirst(), with: value)
                )
            )
        }
        return ConfigurationValue(.mapping(entries), at: position)
    }
}
