import Foundation

/// Isolation forest (Liu, Ting & Zhou 2008, "Isolation Forest", ICDM): rows that random cuts
/// separate early from the rest are anomalous. 100 trees on min(256, N) rows each.
struct IsolationForest: AnomalyModel {
    private static let treeCount = 100
    private static let sampleSize = 256

    private indirect enum Node {
        case leaf(rows: Int)
        case cut(feature: Int, value: Double, below: Node, above: Node)
    }

    private let trees: [Node]
    private let sampleSize: Int

    init(fitting rows: [[Double]], seed: Int) {
        var random = SplitMix64(seed: seed)
        let size = min(Self.sampleSize, rows.count)
        let height = Int(log2(Double(size)).rounded(.up))
        sampleSize = size
        trees = (0..<Self.treeCount).map { _ in
            let sample = Array(rows.shuffled(using: &random).prefix(size))
            return Self.grow(sample, height: height, &random)
        }
    }

    private static func grow(
        _ rows: [[Double]],
        height: Int,
        _ random: inout SplitMix64
    ) -> Node {
        guard height > 0, rows.count > 1 else { return .leaf(rows: rows.count) }
        let spreads = rows[0].indices.compactMap { feature -> (Int, ClosedRange<Double>)? in
            let values = rows.map { $0[feature] }
            guard let low = values.min(), let high = values.max(), low < high else { return nil }
            return (feature, low...high)
        }
        guard let (feature, range) = spreads.randomElement(using: &random) else {
            return .leaf(rows: rows.count)
        }
        let value = Double.random(in: range, using: &random)
        return .cut(
            feature: feature,
            value: value,
            below: grow(rows.filter { $0[feature] < value }, height: height - 1, &random),
            above: grow(rows.filter { $0[feature] >= value }, height: height - 1, &random)
        )
    }

    func score(_ row: [Double]) -> Double {
        let depth = trees.reduce(0) { $0 + Self.depth(of: row, in: $1) } / Double(trees.count)
        return exp2(-depth / Self.averageDepth(sampleSize))
    }

    private static func depth(of row: [Double], in tree: Node) -> Double {
        var node = tree
        var depth = 0.0
        while case .cut(let feature, let value, let below, let above) = node {
            node = row[feature] < value ? below : above
            depth += 1
        }
        if case .leaf(let rows) = node { depth += averageDepth(rows) }
        return depth
    }

    /// c(n) of the paper: the average depth of an unsuccessful search in a binary search tree.
    private static func averageDepth(_ rows: Int) -> Double {
        guard rows > 2 else { return rows == 2 ? 1 : 0 }
        let n = Double(rows)
        return 2 * (log(n - 1) + 0.5772156649015329) - 2 * (n - 1) / n
    }
}

/// A small random number generator with the same numbers everywhere (Steele, Lea & Flood 2014,
/// "Fast Splittable Pseudorandom Number Generators").
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) {
        state = UInt64(bitPattern: Int64(seed))
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
