import FurrowRuns

/// The attempts of every worker: one by one, or how busy it was in each of many steps.
struct Timeline {
    /// The most attempts that are drawn one by one.
    private static let mostAttempts = 12_000
    /// The most steps of all workers together, and of one worker.
    private static let mostCells = 240_000
    private static let mostSteps = 1_000

    private let facts: RunFacts

    init(of facts: RunFacts) { self.facts = facts }

    /// As JSON.
    var json: String {
        let workers = facts.workers.map { worker in
            JSONText.object([
                "name": JSONText.text(worker.name),
                "host": JSONText.text(worker.host),
                "device": JSONText.text(worker.device),
            ])
        }
        let areSingle = facts.attempts.count <= Self.mostAttempts
        return JSONText.object([
            "workers": JSONText.list(workers),
            "attempts": areSingle ? attempts : "null",
            "steps": areSingle ? "null" : steps,
            "count": "\(facts.attempts.count)",
        ])
    }

    private var attempts: String {
        let all = facts.attempts
        let seconds = all.map {
            JSONText.number(facts.position(of: $0.start, in: $0.session), digits: 3)
        }
        return JSONText.object([
            "worker": JSONText.list(all.map(\.worker)),
            "start": JSONText.list(seconds),
            "seconds": JSONText.list(all.map { JSONText.number($0.seconds, digits: 4) }),
            "state": JSONText.list(all.map(\.state.rawValue)),
            "stage": JSONText.list(all.map(\.stage)),
            "job": JSONText.list(all.map(\.job)),
            "attempt": JSONText.list(all.map(\.attempt)),
        ])
    }

    /// The share of each step, in percent, that a worker ran jobs, and that it ran failing ones.
    private var steps: String {
        let workers = max(1, facts.workers.count)
        let count = min(Self.mostSteps, max(20, Self.mostCells / workers))
        let step = max(facts.wallSeconds, 1e-6) / Double(count)
        var busy = Array(repeating: 0.0, count: workers * count)
        var failing = busy
        for attempt in facts.attempts {
            let start = facts.position(of: attempt.start, in: attempt.session)
            let end = facts.position(of: attempt.end, in: attempt.session)
            let isFailing = attempt.state == .failed || attempt.state == .lost
            Utilisation.forEachStep(from: start, to: end, step, count) { place, overlap in
                busy[attempt.worker * count + place] += overlap
                if isFailing { failing[attempt.worker * count + place] += overlap }
            }
        }
        func percent(_ seconds: [Double]) -> String {
            JSONText.list(seconds.map { min(100, Int(($0 / step * 100).rounded())) })
        }
        return JSONText.object([
            "step": JSONText.number(step, digits: 6),
            "count": "\(count)",
            "busy": percent(busy),
            "failing": percent(failing),
        ])
    }
}
