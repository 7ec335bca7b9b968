import DequeModule

/// The jobs of a worker's process that were dealt and have not ended, in the order in which they
/// run.
struct HeldJobs {
    /// Batches; none is empty.
    private var batches = Deque<JobFrames>()

    var isEmpty: Bool { batches.isEmpty }
    /// The batch whose first job may run.
    var first: JobFrames? { batches.first }
    /// The messages from which a process gets these jobs.
    var messages: [[UInt8]] { batches.map(\.message) }

    mutating func append(_ jobs: JobFrames) {
        if !jobs.isEmpty { batches.append(jobs) }
    }

    /// Lets jobs run before the others.
    mutating func prepend(_ jobs: JobFrames) {
        if !jobs.isEmpty { batches.prepend(jobs) }
    }

    /// The first job has ended.
    mutating func popFirst() {
        guard !batches.isEmpty else { return }
        _ = batches[0].popFirst()
        if batches[0].isEmpty { batches.removeFirst() }
    }

    mutating func removeAll() { batches.removeAll() }

    /// Removes jobs that the process has returned: whole batches, or the rest of one that has begun.
    mutating func remove(_ returned: [JobFrames]) {
        let firsts = Set(returned.map(\.first))
        batches = Deque(
            batches.compactMap { batch in
                guard let split = batch.jobs.first(where: firsts.contains) else { return batch }
                let begun = batch.first(split - batch.first)
                return begun.isEmpty ? nil : begun
            }
        )
    }

    /// Removes and returns all jobs.
    ///
    /// - Parameter keepsFirst: whether the first job stays.
    mutating func takeAll(keepsFirst: Bool) -> [JobFrames] {
        var taken = batches
        batches = []
        if keepsFirst, !taken.isEmpty {
            batches.append(taken[0].popFirst(1))
            if taken[0].isEmpty { taken.removeFirst() }
        }
        return Array(taken)
    }
}
