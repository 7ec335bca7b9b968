import DequeModule

/// Who gets which jobs next, and from whom they are taken back.
extension Dispatcher {
    /// Notes that a worker may be able to take another batch.
    mutating func offer(_ worker: Int) {
        let state = workers[worker]
        guard !state.isLost, !state.isSuspended, !state.isCopying else { return }
        switch workers[worker].queue.count {
        case 0 where !workers[worker].isIdle:
            workers[worker].isIdle = true
            idle.append(worker)
        case 1..<depth where !workers[worker].hasRoom:
            workers[worker].hasRoom = true
            withRoom.append(worker)
        default: break
        }
    }

    /// Deals the first jobs of those that wait.
    mutating func deal() -> Command? {
        guard let worker = nextTaker(), let first = pool.first else { return nil }
        // The last jobs are shared evenly. Earlier ones are dealt in full batches: sharing them
        // would make batches smaller the more workers wait.
        let count = policy.next(
            share: isExhausted ? waiting / max(1, workers.count - lost - suspended) : waiting
        )
        let jobs = first.prefix(count)
        pool.removeFirst()
        if jobs.count < first.count { pool.prepend(first.dropFirst(count)) }
        waiting -= jobs.count
        take(jobs, worker)
        return .deal(worker: worker, jobs)
    }

    /// An idle worker, else one with room for another batch.
    private mutating func nextTaker() -> Int? {
        while let worker = idle.popFirst() {
            workers[worker].isIdle = false
            if workers[worker].queue.isEmpty { return worker }
        }
        while let worker = withRoom.popFirst() {
            workers[worker].hasRoom = false
            if canTakeMore(worker) { return worker }
        }
        return nil
    }

    /// Whether a worker that has jobs may get another batch.
    private func canTakeMore(_ worker: Int) -> Bool {
        let state = workers[worker]
        return !state.isRecalling && !state.isCopying && 1..<depth ~= state.queue.count
    }

    /// Deals a job that failed to another worker than the one where it did: to an idle one, best on
    /// another node, or, while there are other jobs, to one with room. Near the end of the stage it
    /// waits for one that is idle: it would be recalled for the one that it avoids. That one has it
    /// only if nobody else is at work.
    mutating func dealRetry() -> Command? {
        if idle.isEmpty, withRoom.isEmpty { return nil }
        for (place, avoided) in avoiding.enumerated() {
            guard let worker = taker(avoiding: avoided) else { continue }
            avoiding.remove(at: place)
            let job = retries[avoided].removeFirst()
            if !retries[avoided].isEmpty { avoiding.append(avoided) }
            waiting -= 1
            take(job..<job + 1, worker)
            return .deal(worker: worker, job..<job + 1)
        }
        return nil
    }

    /// Lets a job wait for another worker than one.
    mutating func addRetry(_ job: Int, avoiding worker: Int, first: Bool = false) {
        if retries[worker].isEmpty { avoiding.append(worker) }
        if first { retries[worker].prepend(job) } else { retries[worker].append(job) }
    }

    private mutating func taker(avoiding avoided: Int) -> Int? {
        guard workers.indices.contains(where: { isAtWork($0) && $0 != avoided }) else {
            return nextTaker()
        }
        func isFree(_ worker: Int) -> Bool {
            workers[worker].queue.isEmpty && worker != avoided
        }
        let away =
            nodes.isEmpty ? nil : idle.firstIndex { isFree($0) && nodes[$0] != nodes[avoided] }
        if let place = away ?? idle.firstIndex(where: isFree) {
            let worker = idle.remove(at: place)
            workers[worker].isIdle = false
            return worker
        }
        guard !pool.isEmpty else { return nil }
        let ready = withRoom.firstIndex {
            canTakeMore($0) && $0 != avoided
        }
        guard let ready else { return nil }
        let worker = withRoom.remove(at: ready)
        workers[worker].hasRoom = false
        return worker
    }

    private func isAtWork(_ worker: Int) -> Bool {
        !workers[worker].isLost && !workers[worker].isSuspended && !workers[worker].isStopped
    }

    /// Takes waiting jobs back from one worker if another has none.
    mutating func recall() -> Command? {
        guard recalls else { return nil }
        while let worker = idle.first, !workers[worker].queue.isEmpty {
            workers[worker].isIdle = false
            idle.removeFirst()
        }
        // One recall per idle worker: recalling from every worker for every idle one would take as
        // many messages as the square of the workers. No recall if the generator still has jobs.
        guard recallsUnderWay < idle.count, isExhausted || isBehind else { return nil }
        for _ in loaded.indices {
            let worker = loaded.removeFirst()
            workers[worker].isLoaded = false
            guard workers[worker].jobs > 1 else { continue }
            if workers[worker].isRecalling {
                // It was dealt more jobs since the recall; its turn comes after its answer.
                workers[worker].isLoaded = true
                loaded.append(worker)
            } else {
                workers[worker].isRecalling = true
                recallsUnderWay += 1
                return .recall(worker: worker)
            }
        }
        return nil
    }
}

extension Range<Int> {
    func prefix(_ count: Int) -> Range<Int> {
        lowerBound..<lowerBound + Swift.min(count, self.count)
    }

    func dropFirst(_ count: Int) -> Range<Int> {
        lowerBound + Swift.min(count, self.count)..<upperBound
    }
}
