import FurrowRuns

/// The combinations of a space that an expression surely leaves out, by the values of single axes:
/// so that among very many combinations only those are looked at that may be selected.
struct UnselectedCombinations {
    /// Where it is known what an expression is.
    private struct Verdict {
        var holds: [Conditions]
        var fails: [Conditions]
    }

    /// The positions on some axes.
    private typealias Conditions = [Int: RangeSet<Int>]

    /// An axis of numbers of up to this many is looked at as a whole, and any list.
    private let mostSeen: Int
    /// The most boxes that parts of an expression are combined to.
    private static let mostBoxes = 4096

    /// Together all of them, if ``isExact``.
    private(set) var boxes: [CombinationBox] = []
    /// Whether every other combination is selected.
    private(set) var isExact = true
    private let space: ParameterSpace
    /// Names that some combinations have from an include.
    private let included: Set<String>

    /// - Parameters:
    ///   - expression: selects combinations.
    ///   - space: the combinations.
    ///   - mostSeen: of more numbers on an axis only those at its ends and between are looked at.
    init(of expression: WhereExpression, in space: ParameterSpace, mostSeen: Int = 1000) {
        self.space = space
        self.mostSeen = mostSeen
        included = Set(space.includes.lazy.flatMap(\.parameters).map(\.name))
        let counts = space.axes.map(\.count)
        boxes = verdict(on: expression.root).fails.compactMap { CombinationBox($0, counts: counts) }
    }

    private mutating func verdict(on node: WhereExpression.Node) -> Verdict {
        switch node {
        case .comparison(let column, _, let comparison, let literal):
            return verdict(on: column, comparison, literal)
        case .not(let node):
            let verdict = verdict(on: node)
            return Verdict(holds: verdict.fails, fails: verdict.holds)
        case .all(let nodes):
            let parts = nodes.map { verdict(on: $0) }
            return Verdict(holds: product(parts.map(\.holds)), fails: parts.flatMap(\.fails))
        case .any(let nodes):
            let parts = nodes.map { verdict(on: $0) }
            return Verdict(holds: parts.flatMap(\.holds), fails: product(parts.map(\.fails)))
        }
    }

    private mutating func verdict(
        on column: String,
        _ comparison: WhereExpression.Comparison,
        _ literal: Cell
    ) -> Verdict {
        let everywhere: [Conditions] = [[:]]
        guard !included.contains(column), let slot = space.slots[column] else {
            isExact = false
            return Verdict(holds: [], fails: [])
        }
        switch slot {
        case .fixed(let place):
            return comparison.holds(Cell(space.fixed[place].value), literal)
                ? Verdict(holds: everywhere, fails: []) : Verdict(holds: [], fails: everywhere)
        case .axis(let place):
            let axis = space.axes[place]
            guard let positions = positions(on: axis, column, comparison, literal) else {
                isExact = false
                return Verdict(holds: [], fails: [])
            }
            return Verdict(
                holds: [[place: positions]],
                fails: [[place: RangeSet(0..<axis.count).subtracting(positions)]]
            )
        }
    }

    /// Where a comparison holds; `nil` if there are too many positions to find out.
    private func positions(
        on axis: ParameterAxis,
        _ column: String,
        _ comparison: WhereExpression.Comparison,
        _ literal: Cell
    ) -> RangeSet<Int>? {
        func cell(_ position: Int) -> Cell {
            axis[position].first { $0.name == column }.map { Cell($0.value) } ?? .empty
        }
        switch axis.points {
        case .integers, .decimals, .spaced:
            guard axis.count > mostSeen else { break }
            guard [cell(0), cell(axis.count - 1), literal].allSatisfy(\.isNumeric) else {
                return nil
            }
            // The numbers rise or fall all the way.
            func positions(_ comparison: WhereExpression.Comparison) -> RangeSet<Int> {
                Self.end(of: axis.count) { comparison.holds(cell($0), literal) }
            }
            switch comparison {
            case .notEqual: return positions(.less).union(positions(.greater))
            case .equal:
                let others = positions(.less).union(positions(.greater))
                return RangeSet(0..<axis.count).subtracting(others)
            default: return positions(comparison)
            }
        case .values, .rows: break
        }
        var ranges: [Range<Int>] = []
        for position in 0..<axis.count where comparison.holds(cell(position), literal) {
            if let last = ranges.last, last.upperBound == position {
                ranges[ranges.count - 1] = last.lowerBound..<(position + 1)
            } else {
                ranges.append(position..<(position + 1))
            }
        }
        return RangeSet(ranges)
    }

    /// The positions where a condition holds that changes at most once.
    private static func end(of count: Int, where holds: (Int) -> Bool) -> RangeSet<Int> {
        let first = holds(0)
        guard first != holds(count - 1) else { return RangeSet(first ? [0..<count] : []) }
        var (low, high) = (0, count - 1)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if holds(middle) == first { low = middle } else { high = middle }
        }
        return RangeSet(first ? [0..<high] : [high..<count])
    }

    /// The combinations that lie in one box of each list.
    private mutating func product(_ lists: [[Conditions]]) -> [Conditions] {
        var product: [Conditions] = [[:]]
        for list in lists {
            guard product.count * list.count <= Self.mostBoxes else {
                isExact = false
                return []
            }
            product = product.flatMap { first in
                list.compactMap { second in
                    let both = first.merging(second) { $0.intersection($1) }
                    return both.values.contains { $0.isEmpty } ? nil : both
                }
            }
        }
        return product
    }
}
