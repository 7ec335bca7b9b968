import DequeModule

/// A second copy of a job that takes long, on a worker that has nothing else to do. The first to
/// succeed counts, and the other is taken back; a failure counts only if no copy is left.
///
/// A job is copied once, or else a broken worker that is idle would have it again and again. A worker that has one of two copies holds nothing else, so that it is known which job it reports.
extension Dispatcher {
    /// A job that was dealt twice.
    struct Copies: Sendable {
        /// The workers that have it.
        var holders: [Int]
        /// Whether it has ended on one of them.
        var isDecided = false
    }

    /// Whether some worker is idle and will stay so: all jobs were dealt, and none can be taken back.
    var hasSpareWorker: Bool {
        stopMode == nil && isExhausted && waiting + postponed + recallsUnderWay == 0
            && idle.contains { workers[$0].queue.isEmpty }
    }

    /// The job that a worker runs, if it has no other and no other worker has it.
    func soleJob(of worker: Int) -> Int? {
        let state = workers[worker]
        guard state.jobs == 1, !state.isCopying, !state.isSuspended,
            let job = state.queue.first?.lowerBound, !copied.contains(job)
        else { return nil }
        return job
    }

    /// The worker whose job, its only one, has run longest and longer than a limit, if another worker
    /// is idle and will stay so.
    ///
    /// - Parameters:
    ///   - limit: in seconds.
    ///   - time: how long a worker has run its job, in seconds; `nil` if it runs none.
    package func straggler(after limit: Double, time: (_ worker: Int) -> Double?) -> Int? {
        guard hasSpareWorker else { return nil }
        let long = workers.indices.compactMap { worker -> (worker: Int, time: Double)? in
            guard soleJob(of: worker) != nil, let time = time(worker), time > limit else {
                return nil
            }
            return (worker, time)
        }
        return long.max { $0.time < $1.time }?.worker
    }

    /// Whether the end of a worker's job does not count: it has ended on another worker, or it failed
    /// here and may still succeed there.
    package func isOfNoConcern(_ worker: Int, hasFailed: Bool) -> Bool {
        isLate(worker) || hasFailed && hasOtherCopy(worker)
    }

    /// Whether a worker has one of two copies, and the other has not ended.
    func hasOtherCopy(_ worker: Int) -> Bool {
        guard let job = copied(by: worker), let copies = copies[job] else { return false }
        return !copies.isDecided && copies.holders.count > 1
    }

    /// Whether a worker has a job that has ended on another one. It reports no other job meanwhile.
    package func isLate(_ worker: Int) -> Bool {
        guard let job = copied(by: worker) else { return false }
        return copies[job]?.isDecided == true
    }

    private func copied(by worker: Int) -> Int? {
        workers[worker].isCopying ? workers[worker].queue.first?.lowerBound : nil
    }

    /// Deals a worker's only job to an idle one as well, best on another node.
    mutating func copy(from worker: Int) {
        guard hasSpareWorker, let job = soleJob(of: worker) else { return }
        let spare = idle.indices.filter {
            workers[idle[$0]].queue.isEmpty && idle[$0] != avoided[job]
        }
        let away = nodes.isEmpty ? nil : spare.first { nodes[idle[$0]] != nodes[worker] }
        guard let place = away ?? spare.first else { return }
        let taker = idle.remove(at: place)
        workers[taker].isIdle = false
        copied.insert(job)
        copies[job] = Copies(holders: [worker, taker])
        workers[worker].isCopying = true
        workers[taker].isCopying = true
        take(job..<job + 1, taker)
        commands.append(.copy(worker: taker, job: job, from: worker))
    }

    /// A worker's copy has ended: those of others are taken back.
    mutating func decide(_ worker: Int) {
        guard let job = copied(by: worker) else { return }
        release(job, worker)
        guard copies[job]?.isDecided == false else { return }
        copies[job]?.isDecided = true
        for other in copies[job]?.holders ?? [] {
            commands.append(.revoke(worker: other, job: job))
        }
    }

    /// A worker has given its copy back, has not begun it, or is gone.
    ///
    /// - Returns: whether the job is another worker's concern, or has ended.
    mutating func leaveCopy(_ worker: Int) -> Bool {
        guard let job = copied(by: worker) else { return false }
        let isDecided = copies[job]?.isDecided == true
        let others = release(job, worker)
        if !isDecided, let other = others.first {
            // It may be copied again.
            workers[other].isCopying = false
            copies[job] = nil
            offer(other)
        }
        return isDecided || !others.isEmpty
    }

    /// A worker has given up the copy that was taken back, or its copy's end does not count.
    mutating func revoke(_ worker: Int) {
        guard workers[worker].isCopying, leaveCopy(worker) else { return }
        workers[worker].queue.removeFirst()
        workers[worker].jobs -= 1
        dealt -= 1
        offer(worker)
    }

    /// - Returns: who still has it.
    @discardableResult
    private mutating func release(_ job: Int, _ worker: Int) -> [Int] {
        workers[worker].isCopying = false
        copies[job]?.holders.removeAll { $0 == worker }
        let others = copies[job]?.holders ?? []
        if others.isEmpty, copies[job]?.isDecided == true { copies[job] = nil }
        return others
    }
}
