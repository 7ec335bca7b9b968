extension ParameterSpace {
    /// The most choices of rows that may have been extended to the same point, see
    /// ``index(of:occurrence:)``.
    private static let maximumChoices = 4096

    /// Whether few enough choices have to be tried to find a point.
    static func canSearch(_ openShapes: [[Set<String>]]) -> Bool {
        var choices = 1
        for shapes in openShapes where choices <= maximumChoices {
            choices *= Swift.max(Swift.min(shapes.count, maximumChoices + 1), 1)
        }
        return choices <= maximumChoices
    }

    /// The index of a point. The time depends on the number of axes, excludes and includes, not on
    /// the number of points.
    ///
    /// Rows of an axis with the same values are excluded together and extended in the same way. So
    /// a point's occurrences are all choices of one row per axis among the rows with its values. An
    /// axis may have rows without a parameter that an include sets. Such a row may have been
    /// extended to the same point, so rows of each set of names are tried. A sweep with very many
    /// such sets is refused when it is read.
    ///
    /// - Parameters:
    ///   - point: its parameters, in any order, with values of any kind.
    ///   - occurrence: how many points before it are the same, see ``Parameters/canonical``.
    /// - Returns: `nil` if there is no such point.
    package func index(of point: Parameters, occurrence: Int = 0) -> Int? {
        guard occurrence >= 0 else { return nil }
        let canonical = point.canonical
        let choices = kept.count == 0 ? [] : choices(for: point, canonical)
        let count = choices.reduce(0) { $0 + Self.count($1) }
        guard occurrence >= count else { return kept.index(of: Self.pick(occurrence, choices)) }
        guard let own = extraIndices[canonical], occurrence - count < own.count else { return nil }
        return kept.count + own[occurrence - count]
    }

    /// Rows with the same values: the positions on each axis, ascending.
    private typealias Choice = [ArraySlice<Int>]

    private static func count(_ choice: some Sequence<ArraySlice<Int>>) -> Int {
        choice.reduce(1) { $0 * $1.count }
    }

    /// The choices that combine to a point. No two have a combination in common.
    private func choices(for point: Parameters, _ canonical: [UInt8]) -> [Choice] {
        var own = [[Parameter]](repeating: [], count: axes.count)
        for parameter in point.all {
            if case .axis(let axis) = slots[parameter.name] { own[axis].append(parameter) }
        }
        var choices: [Choice] = [[]]
        for place in axes.indices {
            let found = groups(of: own[place], on: place)
            if found.count == 1 {
                for choice in choices.indices { choices[choice].append(found[0]) }
            } else {
                choices = choices.flatMap { choice in found.map { choice + [$0] } }
            }
        }
        return choices.filter { choice in
            let first = choice.compactMap(\.first)
            return kept.index(of: first) != nil && self.point(at: first).canonical == canonical
        }
    }

    /// The rows of an axis that a point may come from, grouped by their values.
    ///
    /// - Parameters:
    ///   - row: the point's parameters on this axis.
    ///   - axis: the axis.
    private func groups(of row: [Parameter], on axis: Int) -> [ArraySlice<Int>] {
        var groups: [ArraySlice<Int>] = []
        func add(_ row: [Parameter]) {
            let positions = axes[axis].positions(of: row)
            if !positions.isEmpty { groups.append(positions) }
        }
        if openShapes[axis].isEmpty { add(row) }
        for shape in openShapes[axis] {
            let part = row.filter { shape.contains($0.name) }
            if part.count == shape.count { add(part) }
        }
        return groups
    }

    /// The combination with a given number, counted in order over all choices.
    private static func pick(_ place: Int, _ choices: [Choice]) -> [Int] {
        var (rest, left) = (place, choices)
        var positions: [Int] = []
        while left.count > 1 {
            let axis = positions.count
            var below: [Int: Int] = [:]
            for choice in left {
                let count = count(choice[(axis + 1)...])
                for position in choice[axis] { below[position, default: 0] += count }
            }
            for (position, count) in below.sorted(by: { $0.key < $1.key }) {
                if rest < count {
                    positions.append(position)
                    break
                }
                rest -= count
            }
            left = left.filter { $0[axis].contains(positions[axis]) }
        }
        var last: [Int] = []
        for rows in left[0][positions.count...].reversed() {
            let (quotient, turn) = rest.quotientAndRemainder(dividingBy: rows.count)
            last.append(rows[rows.startIndex + turn])
            rest = quotient
        }
        return positions + last.reversed()
    }
}
