/// Figures of the same thing, measured several times.
struct Sample: Sendable {
    let sorted: [Double]

    init(_ figures: [Double]) {
        precondition(!figures.isEmpty, "a sample of nothing")
        sorted = figures.sorted()
    }

    var median: Double { quantile(0.5) }

    /// The figure below which this share of all lies, between two neighbours where it falls there.
    func quantile(_ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let low = sorted[Int(place)]
        let high = sorted[min(Int(place) + 1, sorted.count - 1)]
        return low + (high - low) * (place - place.rounded(.down))
    }
}
