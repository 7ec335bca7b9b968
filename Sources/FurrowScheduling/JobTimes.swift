import Glibc

/// How long a stage's jobs take, from those that ended: a histogram whose bins are a fifth wider
/// each, from a millisecond to a month.
package struct JobTimes: Sendable {
    /// The part of all jobs that should fit into the time that is left: the longest ones of a stage
    /// may be many times as long as the others, and must not keep these from starting.
    private static let part = 0.95
    private static let least = 0.001
    private static let binsPerDoubling = 4.0

    private var bins = [Int](repeating: 0, count: 128)
    private var count = 0

    /// No job has ended yet.
    package init() {}

    /// Takes jobs that ended into account.
    ///
    /// - Parameter seconds: how long they took together; each counts as their mean.
    package mutating func record(jobs: Int, seconds: Double) {
        guard jobs > 0 else { return }
        let doublings = log2(max(seconds / Double(jobs), Self.least) / Self.least)
        bins[Int(min(doublings * Self.binsPerDoubling, Double(bins.count - 1)))] += jobs
        count += jobs
    }

    /// What 95 of 100 jobs need at most, in seconds; `nil` before any has ended.
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
