/// How many jobs ran over a run's time, in equal steps.
package struct Utilisation: Sendable, Hashable {
    /// The length of a step, in seconds.
    package let step: Double
    /// How many jobs ran on average in each step.
    package private(set) var running: [Double]
    /// How many attempts succeeded in each step.
    package private(set) var succeeded: [Int]
    /// How many attempts failed in each step.
    package private(set) var failed: [Int]

    /// - Parameters:
    ///   - facts: the run.
    ///   - steps: how many steps there are.
    package init(of facts: RunFacts, steps: Int) {
        let step = max(facts.wallSeconds, 1e-6) / Double(steps)
        self.step = step
        running = Array(repeating: 0, count: steps)
        succeeded = Array(repeating: 0, count: steps)
        failed = Array(repeating: 0, count: steps)
        for attempt in facts.attempts {
            let start = facts.position(of: attempt.start, in: attempt.session)
            let end = facts.position(of: attempt.end, in: attempt.session)
            Self.forEachStep(from: start, to: end, step, steps) { running[$0] += $1 / step }
            let last = min(steps - 1, max(0, Int(end / step)))
            switch attempt.state {
            case .succeeded: succeeded[last] += 1
            case .failed: failed[last] += 1
            case .cancelled, .running, .lost: break
            }
        }
    }

    /// Calls a closure with each step that a span of time meets, and for how long it does.
    static func forEachStep(
        from start: Double,
        to end: Double,
        _ step: Double,
        _ steps: Int,
        _ body: (Int, Double) -> Void
    ) {
        guard end > start else { return }
        var place = min(steps - 1, max(0, Int(start / step)))
        while place < steps, Double(place) * step < end {
            let overlap = min(end, Double(place + 1) * step) - max(start, Double(place) * step)
            if overlap > 0 { body(place, overlap) }
            place += 1
        }
    }
}
