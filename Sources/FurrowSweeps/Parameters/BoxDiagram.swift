/// The union of some boxes of combinations, as a decision diagram (Bryant, 1986). Beginnings of
/// combinations share a node if the same endings lie in a box after them. So there are few nodes
/// even for very many combinations.
struct BoxDiagram {
    /// The union has more nodes than fit in memory.
    struct TooLarge: Error {}

    /// A node's number; its children have lower ones.
    typealias Number = Int32

    /// Asks for the position on an axis.
    struct Node {
        let axis: Int
        let runs: Range<Int>
    }

    /// Neighbouring positions with the same child: from `start` to the `start` of the next run.
    struct Run: Hashable {
        let start: Int
        let child: Number
    }

    /// No combination from here on lies in a box.
    static let outside: Number = 0
    /// Every combination from here on lies in a box.
    static let inside: Number = 1

    private struct Pair: Hashable {
        let first: Number
        let second: Number
    }

    private struct Key: Hashable {
        let axis: Int
        let runs: [Run]
    }

    private let counts: [Int]
    private let maximumSize: Int
    private(set) var nodes: [Node]
    private(set) var runs: [Run] = []
    private(set) var root = outside
    private var numbers: [Key: Number] = [:]
    private var unions: [Pair: Number] = [:]

    /// - Parameters:
    ///   - counts: how many positions each axis has, at least one.
    ///   - boxes: some boxes.
    ///   - maximumSize: the most runs in memory at once, in addition to those of the boxes.
    init(
        counts: [Int],
        union boxes: [CombinationBox],
        maximumSize: Int
    ) throws(TooLarge) {
        self.counts = counts
        let given = boxes.reduce(0) { sum, box in
            sum + box.conditions.reduce(0) { $0 + $1.positions.ranges.count }
        }
        self.maximumSize = maximumSize + 8 * given
        nodes = Array(repeating: Node(axis: counts.count, runs: 0..<0), count: 2)
        // Neighbours are joined first, because late joins cost most.
        var parts = try Set(boxes).sorted(by: Self.comesBefore).map { box throws(TooLarge) in
            try insert(box)
        }
        while parts.count > 1 {
            var joined: [Number] = []
            for place in stride(from: 0, to: parts.count, by: 2) {
                joined.append(
                    place + 1 < parts.count
                        ? try union(parts[place], parts[place + 1]) : parts[place]
                )
            }
            parts = joined
            unions = [:]
            compact(&parts)
        }
        root = parts.first ?? Self.outside
        numbers = [:]
    }

    private static func comesBefore(_ first: CombinationBox, _ second: CombinationBox) -> Bool {
        first.conditions.lexicographicallyPrecedes(second.conditions) {
            ($0.axis, $0.positions.ranges.first?.lowerBound ?? 0)
                < ($1.axis, $1.positions.ranges.first?.lowerBound ?? 0)
        }
    }

    /// The diagram of one box.
    private mutating func insert(_ box: CombinationBox) throws(TooLarge) -> Number {
        var child = Self.inside
        for condition in box.conditions.reversed() {
            var runs: [Run] = []
            for range in condition.positions.ranges {
                if range.lowerBound > (runs.last?.start ?? 0)
                    || runs.isEmpty && range.lowerBound > 0
                {
                    if runs.isEmpty { runs.append(Run(start: 0, child: Self.outside)) }
                }
                runs.append(Run(start: range.lowerBound, child: child))
                if range.upperBound < counts[condition.axis] {
                    runs.append(Run(start: range.upperBound, child: Self.outside))
                }
            }
            child = try node(condition.axis, runs)
        }
        return child
    }

    /// The node with these runs.
    private mutating func node(_ axis: Int, _ runs: [Run]) throws(TooLarge) -> Number {
        if runs.count == 1 { return runs[0].child }
        let key = Key(axis: axis, runs: runs)
        if let number = numbers[key] { return number }
        guard self.runs.count <= maximumSize else { throw TooLarge() }
        let number = Number(nodes.count)
        nodes.append(Node(axis: axis, runs: self.runs.count..<self.runs.count + runs.count))
        self.runs += runs
        numbers[key] = number
        return number
    }

    /// The union of two nodes.
    private mutating func union(_ first: Number, _ second: Number) throws(TooLarge) -> Number {
        if first == second || second == Self.outside { return first }
        if first == Self.outside { return second }
        if first == Self.inside || second == Self.inside { return Self.inside }
        let pair = Pair(first: min(first, second), second: max(first, second))
        if let known = unions[pair] { return known }
        let axis = min(nodes[Int(first)].axis, nodes[Int(second)].axis)
        // A node that does not ask for this axis is its own child at every position.
        let runs = [first, second].map { number in
            nodes[Int(number)].axis == axis
                ? Array(self.runs[nodes[Int(number)].runs]) : [Run(start: 0, child: number)]
        }
        var merged: [Run] = []
        var places = [0, 0]
        while true {
            let current = [runs[0][places[0]], runs[1][places[1]]]
            let child = try union(current[0].child, current[1].child)
            if merged.last?.child != child {
                merged.append(Run(start: max(current[0].start, current[1].start), child: child))
            }
            let next = [0, 1].map { side in
                places[side] + 1 < runs[side].count
                    ? runs[side][places[side] + 1].start : counts[axis]
            }
            if next[0] == counts[axis], next[1] == counts[axis] { break }
            let start = min(next[0], next[1])
            for side in [0, 1] where next[side] == start { places[side] += 1 }
        }
        let number = try node(axis, merged)
        unions[pair] = number
        return number
    }

    /// Removes nodes that no part uses.
    private mutating func compact(_ parts: inout [Number]) {
        var isNeeded = [Bool](repeating: false, count: nodes.count)
        (isNeeded[0], isNeeded[1]) = (true, true)
        for part in parts { isNeeded[Int(part)] = true }
        for number in nodes.indices.reversed() where isNeeded[number] {
            for run in runs[nodes[number].runs] { isNeeded[Int(run.child)] = true }
        }
        var new = [Number](repeating: 0, count: nodes.count)
        var (keptNodes, keptRuns): ([Node], [Run]) = ([], [])
        numbers.removeAll(keepingCapacity: true)
        for number in nodes.indices where isNeeded[number] {
            let node = nodes[number]
            let start = keptRuns.count
            keptRuns += runs[node.runs].map { Run(start: $0.start, child: new[Int($0.child)]) }
            new[number] = Number(keptNodes.count)
            keptNodes.append(Node(axis: node.axis, runs: start..<keptRuns.count))
            if number > Self.inside {
                numbers[Key(axis: node.axis, runs: Array(keptRuns[start...]))] = new[number]
            }
        }
        (nodes, runs) = (keptNodes, keptRuns)
        parts = parts.map { new[Int($0)] }
    }
}
