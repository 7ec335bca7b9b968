/// Finds the includes that extend a combination, without a look at each of them.
struct IncludeIndex: Sendable {
    /// The most positions that are listed: some tens of megabytes.
    private static let mostListed = 1_000_000

    /// For each axis, by its position, the includes that are listed there.
    private var listed: [[Int: [Int]]]
    /// Those that extend too many combinations to be listed, or all.
    private var others: [Int] = []

    /// - Parameters:
    ///   - boxes: for each include the combinations that it extends; `nil`: none.
    ///   - axes: how many axes there are.
    init(_ boxes: [CombinationBox?], axes: Int) {
        listed = Array(repeating: [:], count: axes)
        var found: [(include: Int, condition: CombinationBox.Condition, count: Int)] = []
        for (include, box) in boxes.enumerated() {
            guard let box else { continue }
            let counted = box.conditions.map { ($0, $0.positions.ranges.map(\.count).reduce(0, +)) }
            if let (condition, count) = counted.min(by: { $0.1 < $1.1 }) {
                found.append((include, condition, count))
            } else {
                others.append(include)
            }
        }
        var left = Self.mostListed
        for (include, condition, count) in found.sorted(by: { $0.count < $1.count }) {
            left -= count
            guard left >= 0 else {
                others.append(include)
                continue
            }
            for position in condition.positions.ranges.joined() {
                listed[condition.axis][position, default: []].append(include)
            }
        }
    }

    /// The includes that may extend a combination, in order.
    ///
    /// - Parameter positions: one for each axis.
    func candidates(at positions: [Int]) -> [Int] {
        var candidates = others
        for (axis, position) in positions.enumerated() {
            if let found = listed[axis][position] { candidates += found }
        }
        return candidates.sorted()
    }
}
