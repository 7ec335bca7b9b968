/// Repeated measurements of one figure.
struct Sample: Sendable {
    let sorted: [Double]

    init(_ figures: [Double]) {
        precondition(!figures.isEmpty, "a sample of nothing")
        sorted = figures.sorted()
    }

    var median: Double { quantile(0.5) }

    /// The quantile for a share of all figures, interpolated between two neighbours.
    func quantile(_ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let low = sorted[Int(place)]
        let high = sorted[min(Int(place) + 1, sorted.count - 1)]
        return low + (high - low) * (place - place.rounded(.down))
    }
}
