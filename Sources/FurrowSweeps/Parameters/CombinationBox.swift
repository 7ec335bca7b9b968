/// A set of combinations: on each axis with a condition their position is one of a given set. On
/// all other axes any position is allowed.
struct CombinationBox: Sendable, Hashable {
    /// A box's condition for one axis.
    struct Condition: Sendable, Hashable {
        let axis: Int
        /// Neither empty nor the whole axis.
        let positions: RangeSet<Int>
    }

    /// Ascending by axis, at most one per axis.
    let conditions: [Condition]

    /// - Parameters:
    ///   - positions: the positions by axis; a missing axis may have any position.
    ///   - counts: how many positions each axis has.
    /// - Returns: `nil` for an empty box.
    init?(_ positions: [Int: RangeSet<Int>], counts: [Int]) {
        var conditions: [Condition] = []
        for (axis, set) in positions.sorted(by: { $0.key < $1.key }) {
            if set.isEmpty { return nil }
            if set == RangeSet(0..<counts[axis]) { continue }
            conditions.append(Condition(axis: axis, positions: set))
        }
        self.conditions = conditions
    }

    /// Whether a combination is one of these.
    ///
    /// - Parameter positions: one for each axis.
    func contains(_ positions: [Int]) -> Bool {
        conditions.allSatisfy { $0.positions.contains(positions[$0.axis]) }
    }
}

extension RangeSet<Int> {
    /// Whether any element lies in a range.
    func intersects(_ range: Range<Int>) -> Bool {
        let ranges = ranges
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= range.lowerBound {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < ranges.count && ranges[low].lowerBound < range.upperBound
    }
}
