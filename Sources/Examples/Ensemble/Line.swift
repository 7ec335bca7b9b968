import Foundation

/// A straight line.
struct Line: Codable, Sendable {
    var slope: Double
    var intercept: Double

    /// The line with the least squared distance from some points.
    init(through points: [Point]) {
        let count = Double(points.count)
        let meanX = points.reduce(0) { $0 + $1.x } / count
        let meanY = points.reduce(0) { $0 + $1.y } / count
        let covariance = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) }
        let variance = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
        slope = covariance / variance
        intercept = meanY - slope * meanX
    }

    func value(at x: Double) -> Double { slope * x + intercept }
}

/// A measurement.
struct Point: Sendable {
    var x: Double
    var y: Double

    /// A hundred measurements around the line y = 2 x + 1.
    static let measured = (0..<100).map { number in
        let x = Double(number) / 10
        return Point(x: x, y: 2 * x + 1 + sin(Double(number * number)))
    }

    /// The same number of measurements, drawn at random with replacement. The same for the same
    /// seed.
    static func drawn(seed: UInt64) -> [Point] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        return measured.indices.map { _ in
            // A linear congruential generator (Knuth, MMIX); its high bits are the random ones.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return measured[Int(state >> 33) % measured.count]
        }
    }
}
