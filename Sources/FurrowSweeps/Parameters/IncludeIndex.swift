/// Finds the includes that extend a combination, without a look at each of them.
struct IncludeIndex: Sendable {
    /// The most positions that are listed: some tens of megabytes.
    private static let mostListed = 1_000_000

    /// For axes with conditions, by position, the includes that are listed there.
    private var listed: [Int: [Int: [Int]]] = [:]
    /// Those that extend too many combinations to be listed, or all.
    private var others: [Int] = []

    /// - Parameter boxes: for each include the combinations that it extends; `nil`: none.
    init(_ boxes: [CombinationBox?] = []) {
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
                listed[condition.axis, default: [:]][position, default: []].append(include)
            }
        }
    }

    /// The includes that may extend a combination, in order.
    ///
    /// - Parameter positions: one for each axis.
    func candidates(at positions: [Int]) -> [Int] {
        var candidates = others
        for (axis, includes) in listed {
            if let found = includes[positions[axis]] { candidates += found }
        }
        return candidates.sorted()
    }
}
