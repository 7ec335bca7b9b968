import Glibc

/// How long a stage's jobs take, judging by those that ended: a histogram from a millisecond to a
/// month, each bin a fifth wider than the one before.
package struct JobTimes: Sendable {
    /// The share of jobs that should fit into the remaining time. A stage's longest jobs may take
    /// many times as long as the others, and must not keep those from starting.
    private static let part = 0.95
    private static let least = 0.001
    private static let binsPerDoubling = 4.0

    private var bins = [Int](repeating: 0, count: 128)
    private var count = 0

    /// No job has ended yet.
    package init() {}

    /// Adds jobs that ended.
    ///
    /// - Parameter seconds: how long they took together; each counts as the mean.
    package mutating func record(jobs: Int, seconds: Double) {
        guard jobs > 0 else { return }
        let doublings = log2(max(seconds / Double(jobs), Self.least) / Self.least)
        bins[Int(min(doublings * Self.binsPerDoubling, Double(bins.count - 1)))] += jobs
        count += jobs
    }

    /// The time within which 95 % of the jobs end, in seconds; `nil` before the first has ended.
    package var expected: Double? {
        guard count > 0 else { return nil }
        let wanted = Int((Double(count) * Self.part).rounded(.up))
        var seen = 0
        for (bin, jobs) in bins.enumerated() {
            seen += jobs
            if seen >= wanted {
                return Self.least * exp2(Double(bin + 1) / Self.binsPerDoubling)
            }
        }
        return nil
    }
}
