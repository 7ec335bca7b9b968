import Furrow

/// One figure of Furrow's beside another, over all rounds.
struct Row: Codable {
    /// What is measured, with its unit.
    var figure: String
    /// Furrow's figures, one a round.
    var furrow: [Double]
    /// What it stands beside; `nil` where it stands for itself.
    var peer: String?
    var peers: [Double]
    /// What the ratio of both has to reach, or the figure not to exceed, by the design.
    var atLeast: Double?
    var atMost: Double?

    /// What is judged: the ratios of each round, or the figures.
    var judged: [Double] { peer == nil ? furrow : zip(furrow, peers).map { $0 / $1 } }

    /// Whether the median is as good as it should be; `nil` where nothing was asked.
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
