/// The combinations of some axes without those in some boxes. In order; the first axis varies
/// slowest.
///
/// They are counted, not listed: each node of a ``BoxDiagram`` stores how many combinations are
/// kept from there on. One walk along the axes then finds the combination of a number, or the
/// number of a combination.
struct KeptCombinations: Sendable {
    /// The boxes overlap in more ways than fit in memory.
    struct TooManyOverlaps: Error {}

    /// The most runs of a diagram in addition to those of the boxes: some tens of megabytes while
    /// it is made. Enough for any boxes of a few million combinations.
    static let maximumSize = 1_000_000

    private struct Node {
        let axis: Int
        let runs: Range<Int>
        /// How many combinations of this axis and later ones are kept.
        var total = 0
    }

    /// Neighbouring positions that lead to the same node.
    private struct Run {
        let start: Int
        let child: Int32
        /// How many combinations the node keeps before this run.
        var before = 0
    }

    private let counts: [Int]
    /// How many combinations an axis and all later ones have.
    private let spans: [Int]
    private let nodes: [Node]
    private let runs: [Run]
    private let root: Int32
    /// How many there are.
    let count: Int

    /// - Parameters:
    ///   - counts: how many positions each axis has. Their product is an `Int`, unless it is 0.
    ///   - boxes: the combinations to leave out.
    ///   - maximumSize: see ``maximumSize``.
    /// - Throws: ``TooManyOverlaps``.
    init(
        counts: [Int],
        without boxes: [CombinationBox],
        maximumSize: Int = Self.maximumSize
    ) throws(TooManyOverlaps) {
        guard !boxes.isEmpty, !counts.contains(0) else {
            self.init(counts: counts)
            return
        }
        do {
            let diagram = try BoxDiagram(counts: counts, union: boxes, maximumSize: maximumSize)
            self.init(counts, diagram)
        } catch {
            throw TooManyOverlaps()
        }
    }

    /// All combinations.
    init(counts: [Int]) { self.init(counts, nil) }

    private init(_ counts: [Int], _ diagram: BoxDiagram?) {
        var spans = [Int](repeating: counts.contains(0) ? 0 : 1, count: counts.count + 1)
        if !counts.contains(0) {
            for axis in counts.indices.reversed() { spans[axis] = spans[axis + 1] * counts[axis] }
        }
        var nodes = [
            Node(axis: counts.count, runs: 0..<0, total: 1),
            Node(axis: counts.count, runs: 0..<0, total: 0),
        ]
        var runs = diagram?.runs.map { Run(start: $0.start, child: $0.child) } ?? []
        for node in diagram?.nodes.dropFirst(2) ?? [] {
            var total = 0
            for place in node.runs {
                let end =
                    place + 1 < node.runs.upperBound ? runs[place + 1].start : counts[node.axis]
                let child = nodes[Int(runs[place].child)]
                runs[place].before = total
                total +=
                    (end - runs[place].start) * child.total
                    * (spans[node.axis + 1] / spans[child.axis])
            }
            nodes.append(Node(axis: node.axis, runs: node.runs, total: total))
        }
        (self.counts, self.spans, self.nodes, self.runs) = (counts, spans, nodes, runs)
        root = diagram?.root ?? BoxDiagram.outside
        let first = nodes[Int(root)]
        count = spans[0] == 0 ? 0 : first.total * (spans[0] / spans[first.axis])
    }

    /// A combination.
    ///
    /// - Parameter index: from 0, below ``count``.
    /// - Returns: a position for each axis.
    subscript(index: Int) -> [Int] {
        precondition(0..<count ~= index, "no such combination")
        var positions: [Int] = []
        positions.reserveCapacity(counts.count)
        var rest = index
        var node = nodes[Int(root)]
        for axis in counts.indices {
            var start = 0
            if node.axis == axis {
                let run = lastRun(of: node) { $0.before <= rest }
                start = run.start
                rest -= run.before
                node = nodes[Int(run.child)]
            }
            let (quotient, remainder) = rest.quotientAndRemainder(
                dividingBy: node.total * (spans[axis + 1] / spans[node.axis])
            )
            positions.append(start + quotient)
            rest = remainder
        }
        return positions
    }

    /// The number of a combination; `nil` if it lies in a box.
    ///
    /// - Parameter positions: one for each axis.
    func index(of positions: [Int]) -> Int? {
        var index = 0
        var node = nodes[Int(root)]
        for (axis, position) in positions.enumerated() {
            var start = 0
            if node.axis == axis {
                let run = lastRun(of: node) { $0.start <= position }
                start = run.start
                index += run.before
                node = nodes[Int(run.child)]
            }
            index += (position - start) * node.total * (spans[axis + 1] / spans[node.axis])
        }
        return node.total > 0 ? index : nil
    }

    /// Whether any kept combination lies in a box.
    func contains(anyIn box: CombinationBox) -> Bool {
        guard count > 0 else { return false }
        var conditions: [Int: RangeSet<Int>] = [:]
        for condition in box.conditions { conditions[condition.axis] = condition.positions }
        var seen: Set<Int32> = [root, BoxDiagram.inside]
        var waiting = [root]
        while let number = waiting.popLast() {
            if number == BoxDiagram.outside { return true }
            let node = nodes[Int(number)]
            for place in node.runs where !seen.contains(runs[place].child) {
                let end =
                    place + 1 < node.runs.upperBound ? runs[place + 1].start : counts[node.axis]
                if let positions = conditions[node.axis],
                    !positions.intersects(runs[place].start..<end)
                {
                    continue
                }
                seen.insert(runs[place].child)
                waiting.append(runs[place].child)
            }
        }
        return false
    }

    /// The last run that is not behind the target; the first never is.
    private func lastRun(of node: Node, where isBefore: (Run) -> Bool) -> Run {
        var (low, high) = (node.runs.lowerBound, node.runs.upperBound - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if isBefore(runs[middle]) { low = middle } else { high = middle - 1 }
        }
        return runs[low]
    }
}
