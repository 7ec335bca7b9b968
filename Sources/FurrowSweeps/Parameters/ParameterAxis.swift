import Glibc

/// The values of one parameter, or of several that vary together.
struct ParameterAxis: Sendable {
    enum Points: Sendable {
        /// One parameter with each of some values.
        case values(name: String, [ParameterValue])
        /// Each point's parameters.
        case rows([[Parameter]])
        /// first, first + step, …; with zeros in front, so that each is at least so wide.
        case integers(name: String, first: Int, step: Int, count: Int, width: Int)
        /// The same in units of a power of ten, so that no sum of binary fractions shows.
        case decimals(name: String, first: Int, step: Int, digits: Int, count: Int)
        /// At equal distances, or powers with such exponents.
        case spaced(name: String, SpacedNumbers)
    }

    let points: Points
    /// The parameters of any point.
    let names: [String]
    /// The parameters that every point has.
    let commonNames: [String]
    /// The sets of parameters that points have.
    let shapes: [Set<String>]
    /// Finds points that are listed.
    private let listed: RowIndex

    init(_ points: Points) {
        self.points = points
        switch points {
        case .values(let name, let values):
            names = [name]
            (commonNames, shapes) = ([name], [[name]])
            listed = RowIndex(count: values.count) { values[$0].bytes }
        case .rows(let rows):
            (names, commonNames, shapes) = Self.names(of: rows)
            listed = RowIndex(count: rows.count) { Parameters(rows[$0]).canonical }
        case .integers(let name, _, _, _, _), .decimals(let name, _, _, _, _),
            .spaced(let name, _):
            names = [name]
            (commonNames, shapes) = ([name], [[name]])
            listed = RowIndex(count: 0) { _ in [] }
        }
    }

    /// One parameter with each of some values.
    init(_ name: String, _ values: [ParameterValue]) { self.init(.values(name: name, values)) }

    var count: Int {
        switch points {
        case .values(_, let values): values.count
        case .rows(let rows): rows.count
        case .integers(_, _, _, let count, _), .decimals(_, _, _, _, let count): count
        case .spaced(_, let numbers): numbers.count
        }
    }

    subscript(index: Int) -> [Parameter] {
        switch points {
        case .rows(let rows): rows[index]
        case .values(let name, let values): [Parameter(name, values[index])]
        case .integers(let name, let first, let step, _, let width):
            // The number is one of 64 bits, though its distance from the first may be none.
            [Parameter(name, .integer(first &+ index &* step, width: width))]
        case .decimals(let name, let first, let step, let digits, _):
            [Parameter(name, .decimal(first + index * step, digits: digits))]
        case .spaced(let name, let numbers): [Parameter(name, .float(numbers[index]))]
        }
    }

    private static func names(
        of rows: [[Parameter]]
    ) -> (all: [String], common: [String], shapes: [Set<String>]) {
        var names: [String] = []
        var shapes: Set<Set<String>> = []
        var last: [String]?
        // Most rows have the names of the row before.
        for row in rows where last.map({ row.lazy.map(\.name).elementsEqual($0) }) != true {
            let own = row.map(\.name)
            last = own
            if shapes.insert(Set(own)).inserted {
                let known = Set(names)
                names += own.filter { !known.contains($0) }
            }
        }
        let common = shapes.dropFirst().reduce(shapes.first ?? []) { $0.intersection($1) }
        return (names, names.filter { common.contains($0) }, Array(shapes))
    }

    // MARK: Finding points

    /// The first point that stands here twice.
    var repeated: [Parameter]? {
        if case .spaced(_, let numbers) = points {
            return numbers.firstRepetition.map { self[$0] }
        }
        return listed.firstRepetition.map { self[$0] }
    }

    /// The positions of a point, ascending.
    ///
    /// - Parameter row: its parameters, in any order, with values of any kind.
    func positions(of row: [Parameter]) -> ArraySlice<Int> {
        if case .rows = points { return listed.places(of: Parameters(row).canonical) }
        guard row.count == 1, row[0].name.utf8.elementsEqual(names[0].utf8) else { return [] }
        let bytes = row[0].value.bytes
        if case .values = points { return listed.places(of: bytes) }
        return numbered(bytes)
    }

    /// The positions of a number that is not listed.
    private func numbered(_ bytes: [UInt8]) -> ArraySlice<Int> {
        guard let text = String(validating: bytes, as: UTF8.self) else { return [] }
        let candidates: [Int?]
        switch points {
        case .values, .rows: return []
        case .integers(_, let first, let step, _, _):
            guard let number = Int(text), (number >= first) == (step > 0) || number == first else {
                return []
            }
            let distance = (first < number ? number &- first : first &- number)
            let (quotient, rest) = UInt(bitPattern: distance).quotientAndRemainder(
                dividingBy: step.magnitude
            )
            candidates = [rest == 0 ? Int(exactly: quotient) : nil]
        case .decimals(_, let first, let step, let digits, _):
            // The estimate is not exact; neighbours far from 0 may even read alike.
            guard let number = Double(text),
                let estimate = Int(exactly: (number * pow(10, Double(digits))).rounded()),
                estimate.magnitude < 1 << 60
            else { return [] }
            candidates = (-4...4).map { offset in
                let (quotient, rest) = (estimate + offset - first).quotientAndRemainder(
                    dividingBy: step
                )
                return rest == 0 ? quotient : nil
            }
        case .spaced(_, let numbers):
            guard let number = Double(text) else { return [] }
            candidates = numbers.candidates(for: number).map { $0 }
        }
        return candidates.compactMap { $0 }.sorted().filter { position in
            0..<count ~= position && self[position][0].value.bytes == bytes
        }[...]
    }

    /// Where a parameter has which value.
    func column(_ name: String) -> Column {
        guard case .rows(let rows) = points else { return Column(axis: self) }
        var places: [[UInt8]: [Int]] = [:]
        var lacking: [Int] = []
        for (position, row) in rows.enumerated() {
            if let parameter = row.first(where: { $0.name == name }) {
                places[parameter.value.bytes, default: []].append(position)
            } else {
                lacking.append(position)
            }
        }
        return Column(
            lacking: RangeSet(ascending: lacking),
            places: places.mapValues { RangeSet(ascending: $0) }
        )
    }

    /// One parameter of all points.
    struct Column {
        /// The positions that do not have it.
        var lacking = RangeSet<Int>()
        /// By value; where it is missing, the axis finds them.
        private let places: [[UInt8]: RangeSet<Int>]
        private let axis: ParameterAxis?

        fileprivate init(axis: ParameterAxis) { (places, self.axis) = ([:], axis) }

        fileprivate init(lacking: RangeSet<Int>, places: [[UInt8]: RangeSet<Int>]) {
            (self.lacking, self.places, axis) = (lacking, places, nil)
        }

        /// The positions with a value.
        func positions(of value: ParameterValue) -> RangeSet<Int> {
            guard let axis else { return places[value.bytes] ?? RangeSet() }
            return RangeSet(ascending: axis.positions(of: [Parameter(axis.names[0], value)]))
        }
    }
}

extension RangeSet<Int> {
    /// - Parameter elements: ascending.
    init(ascending elements: some Sequence<Int>) {
        var ranges: [Range<Int>] = []
        for element in elements {
            if let last = ranges.last, last.upperBound == element {
                ranges[ranges.count - 1] = last.lowerBound..<element + 1
            } else {
                ranges.append(element..<element + 1)
            }
        }
        self.init(ranges)
    }
}

extension ParameterValue {
    /// A number at its shortest.
    static func float(_ value: Double) -> ParameterValue {
        ParameterValue(Array("\(value)".utf8), .float)
    }

    /// A number in units of 10^−digits: read as a decimal fraction, which rounds once, then printed
    /// at its shortest.
    static func decimal(_ number: Int, digits: Int) -> ParameterValue {
        .float(Double("\(number)e-\(digits)") ?? .nan)
    }

    /// A whole number.
    ///
    /// - Parameter width: zeros make it so many characters wide, its sign among them.
    static func integer(_ number: Int, width: Int = 0) -> ParameterValue {
        let digits = "\(number.magnitude)"
        let sign = number < 0 ? "-" : ""
        let zeros = String(repeating: "0", count: max(0, width - digits.count - sign.count))
        return ParameterValue(Array((sign + zeros + digits).utf8), .integer)
    }
}
