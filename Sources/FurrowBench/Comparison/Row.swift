import Furrow

/// A figure of Furrow's compared to a peer's, over all rounds.
struct Row: Codable {
    /// What is measured, with its unit.
    var figure: String
    /// Furrow's figures, one per round.
    var furrow: [Double]
    /// The peer; `nil` if there is none.
    var peer: String?
    var peers: [Double]
    /// The design's goal: the least ratio, or the largest figure.
    var atLeast: Double?
    var atMost: Double?

    /// The values to judge: the ratio of each round, or the figures.
    var judged: [Double] { peer == nil ? furrow : zip(furrow, peers).map { $0 / $1 } }

    /// Whether the median reaches the goal; `nil` if there is none.
    var isReached: Bool? {
        let median = Sample(judged).median
        return atLeast.map { median >= $0 } ?? atMost.map { median <= $0 }
    }

    static let columns = ["figure", "furrow", "beside", "", "ratio", "spread", "goal", ""]

    var cells: [String] {
        let sample = Sample(judged)
        let spread = "\(readable(sample.quantile(0))) to \(readable(sample.quantile(1)))"
        let goal = atLeast.map { "≥ \(readable($0))" } ?? atMost.map { "≤ \(readable($0))" } ?? ""
        return [
            figure, readable(Sample(furrow).median), peer ?? "",
            peer == nil ? "" : readable(Sample(peers).median),
            peer == nil ? "" : readable(sample.median),
            judged.count > 1 ? spread : "", goal,
            isReached.map { $0 ? "reached" : "missed" } ?? "",
        ]
    }
}
