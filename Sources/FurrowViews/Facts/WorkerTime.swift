/// How the workers of a run spent their time, in seconds of all workers together.
package struct WorkerTime: Sendable, Hashable {
    /// All time of all workers.
    package private(set) var total = 0.0
    /// Running jobs.
    package private(set) var used = 0.0
    /// The part of ``used`` for attempts that failed, were cancelled or lost.
    package private(set) var failed = 0.0
    /// Before a worker's first job of a stage.
    package private(set) var start = 0.0
    /// Between two jobs of a stage.
    package private(set) var between = 0.0
    /// After a worker's last job of a stage, while others still ran theirs.
    package private(set) var tail = 0.0
    /// After the last job of all.
    package private(set) var end = 0.0

    /// All time without a job.
    package var idle: Double { max(0, total - used) }

    /// - Parameter facts: the run.
    package init(of facts: RunFacts) {
        for (place, session) in facts.sessions.enumerated() {
            let attempts = facts.attempts.filter { $0.session == place }
            add(session, attempts)
        }
    }

    private mutating func add(_ session: Session, _ attempts: [Attempt]) {
        total += session.seconds * Double(session.workers)
        for attempt in attempts {
            used += attempt.seconds
            if [.failed, .cancelled, .lost].contains(attempt.state) { failed += attempt.seconds }
        }
        var before = session.start
        let stages = Dictionary(grouping: attempts, by: \.stage).sorted { $0.key < $1.key }
        for (_, attempts) in stages {
            let first = attempts.map(\.start).min() ?? before
            let last = attempts.map(\.end).max() ?? before
            let perWorker = Dictionary(grouping: attempts, by: \.worker)
            for (_, own) in perWorker {
                let ownFirst = own.map(\.start).min() ?? first
                let ownLast = own.map(\.end).max() ?? last
                start += max(0, ownFirst - before)
                tail += max(0, last - ownLast)
                between += max(0, ownLast - ownFirst - own.reduce(0) { $0 + $1.seconds })
            }
            // Workers that had no job of this stage waited for the others.
            let without = Double(max(0, session.workers - perWorker.count))
            start += without * max(0, first - before)
            tail += without * max(0, last - max(first, before))
            before = max(before, last)
        }
        end += Double(session.workers) * max(0, session.end - before)
    }
}
