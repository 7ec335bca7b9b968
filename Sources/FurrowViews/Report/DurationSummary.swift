import FurrowSystem
import Glibc

/// How long the jobs of a stage took.
struct DurationSummary {
    /// The most jobs that are named as stragglers.
    private static let mostStragglers = 10
    /// A straggler takes this many times the median.
    private static let straggling = 3.0
    private static let stepsPerDecade = 16.0
    private static let leastSteps = 24

    private var succeeded: [Double] = []
    private var failed: [Double] = []
    private var longest: [(seconds: Double, job: Int)] = []

    mutating func add(_ seconds: Double, job: Int, hasFailed: Bool) {
        if hasFailed { failed.append(seconds) } else { succeeded.append(seconds) }
        let place = longest.firstIndex { $0.seconds < seconds } ?? longest.count
        guard place < Self.mostStragglers else { return }
        longest.insert((seconds, job), at: place)
        if longest.count > Self.mostStragglers { longest.removeLast() }
    }

    /// The jobs that took the most time, the longest first.
    var slowest: [Int] { longest.map(\.job) }

    /// As JSON; `null` if no job ended.
    var json: String {
        let sorted = (succeeded + failed).sorted()
        guard !sorted.isEmpty else { return "null" }
        func quantile(_ share: Double) -> Double {
            sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
        }
        let median = quantile(0.5)
        let stragglers = longest.filter { $0.seconds > Self.straggling * max(median, 0.001) }
        func seconds(_ value: Double) -> String { JSONText.number(value, digits: 6) }
        let (edges, good, bad) = histogram(from: sorted[0], to: sorted[sorted.count - 1])
        return JSONText.object([
            "jobs": "\(sorted.count)",
            "total": seconds(sorted.reduce(0, +)),
            "least": seconds(sorted[0]),
            "median": seconds(median),
            "p95": seconds(quantile(0.95)),
            "most": seconds(sorted[sorted.count - 1]),
            "edges": JSONText.list(edges.map(seconds)),
            "succeeded": JSONText.list(good),
            "failed": JSONText.list(bad),
            "stragglers": JSONText.list(stragglers.map(\.job)),
        ])
    }

    /// Steps of equal width, or of equal ratio where the longest took ten times the shortest.
    private func histogram(
        from least: Double,
        to most: Double
    ) -> (edges: [Double], succeeded: [Int], failed: [Int]) {
        let low = max(least, 1e-6)
        let high = max(most, low * 1.0001)
        let isWide = high / low >= 10
        let steps =
            isWide
            ? max(Self.leastSteps, Int((log10(high / low) * Self.stepsPerDecade).rounded(.up)))
            : Self.leastSteps
        let edges = (0...steps).map { step in
            let share = Double(step) / Double(steps)
            return isWide ? low * pow(high / low, share) : low + (high - low) * share
        }
        func counts(_ durations: [Double]) -> [Int] {
            var counts = Array(repeating: 0, count: steps)
            for value in durations {
                let share =
                    isWide
                    ? log10(max(value, low) / low) / log10(high / low)
                    : (value - low) / (high - low)
                counts[min(steps - 1, max(0, Int(share * Double(steps))))] += 1
            }
            return counts
        }
        return (edges, counts(succeeded), counts(failed))
    }
}
