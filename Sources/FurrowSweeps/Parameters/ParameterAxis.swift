/// Values that parameters take in turn: one parameter, or several that go together.
struct ParameterAxis: Sendable {
    enum Points: Sendable {
        /// Each point's parameters.
        case rows([[Parameter]])
        /// first, first + step, …
        case integers(name: String, first: Int, step: Int, count: Int)
        /// The same in units of a power of ten, so that no sum of binary fractions shows.
        case decimals(name: String, first: Int, step: Int, digits: Int, count: Int)
    }

    let points: Points

    init(_ points: Points) { self.points = points }

    /// One parameter with each of some values.
    init(_ name: String, _ values: [ParameterValue]) {
        points = .rows(values.map { [Parameter(name, $0)] })
    }

    var count: Int {
        switch points {
        case .rows(let rows): rows.count
        case .integers(_, _, _, let count), .decimals(_, _, _, _, let count): count
        }
    }

    subscript(index: Int) -> [Parameter] {
        switch points {
        case .rows(let rows):
            return rows[index]
        case .integers(let name, let first, let step, _):
            let value = ParameterValue(Array("\(first + index * step)".utf8), .integer)
            return [Parameter(name, value)]
        case .decimals(let name, let first, let step, let digits, _):
            // Read as a decimal fraction, which rounds once; then printed at its shortest.
            let text = "\(first + index * step)e-\(digits)"
            return [Parameter(name, .float(Double(text) ?? .nan))]
        }
    }

    /// The parameters of any point.
    var names: [String] {
        switch points {
        case .rows(let rows):
            var names: [String] = []
            var seen: Set<String> = []
            for row in rows {
                for parameter in row where seen.insert(parameter.name).inserted {
                    names.append(parameter.name)
                }
            }
            return names
        case .integers(let name, _, _, _), .decimals(let name, _, _, _, _):
            return [name]
        }
    }

    /// The parameters that every point has.
    var commonNames: [String] {
        guard case .rows(let rows) = points else { return names }
        var counts: [String: Int] = [:]
        for parameter in rows.joined() { counts[parameter.name, default: 0] += 1 }
        return names.filter { counts[$0] == rows.count }
    }

    /// The first point that stands here twice.
    var repeated: [Parameter]? {
        guard case .rows(let rows) = points else { return nil }
        var seen: Set<[[UInt8]]> = []
        return rows.first { !seen.insert($0.map(\.value.bytes)).inserted }
    }
}

extension ParameterValue {
    /// A number at its shortest.
    static func float(_ value: Double) -> ParameterValue {
        ParameterValue(Array("\(value)".utf8), .float)
    }
}
