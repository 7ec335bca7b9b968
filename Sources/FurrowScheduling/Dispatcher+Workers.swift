import DequeModule

/// Workers that are taken out, for a while or for good.
extension Dispatcher {
    mutating func lose(_ worker: Int) {
        guard !workers[worker].isLost else { return }
        let isElsewhere = leaveCopy(worker)
        if isElsewhere, let job = workers[worker].queue.first?.lowerBound { copied.remove(job) }
        let state = workers[worker]
        lost += 1
        if !state.isStopped { stopped += 1 }
        if state.isRecalling { recallsUnderWay -= 1 }
        dealt -= state.jobs
        if isElsewhere {
            // Another worker has its only job, or has ended it.
        } else if stopMode == nil {
            waiting += state.jobs
            for jobs in state.queue.reversed() {
                // One that was dealt as a retry was dealt alone.
                if let other = avoided[jobs.lowerBound] {
                    addRetry(jobs.lowerBound, avoiding: other, first: true)
                } else {
                    pool.prepend(jobs)
                }
            }
        } else {
            dropped += state.jobs
        }
        forget(worker)
        if state.isSuspended { suspended -= 1 }
        commands.removeAll {
            switch $0 {
            case .stop(worker, _), .revoke(worker, _): true
            default: false
            }
        }
        workers[worker] = Worker()
        workers[worker].isStopped = true
        workers[worker].isLost = true
    }

    mutating func suspend(_ worker: Int) {
        guard stopMode == nil, !workers[worker].isLost, !workers[worker].isSuspended else { return }
        workers[worker].isSuspended = true
        suspended += 1
        forget(worker)
        recallAll(from: worker)
    }

    /// Asks a suspended worker for what it holds.
    mutating func recallAll(from worker: Int) {
        guard workers[worker].jobs > 0, !workers[worker].isRecalling else { return }
        workers[worker].isRecalling = true
        recallsUnderWay += 1
        commands.append(.recall(worker: worker))
    }

    /// Takes a worker off the lists of those that may get or give jobs.
    mutating func forget(_ worker: Int) {
        idle.removeAll { $0 == worker }
        withRoom.removeAll { $0 == worker }
        loaded.removeAll { $0 == worker }
        workers[worker].isIdle = false
        workers[worker].hasRoom = false
        workers[worker].isLoaded = false
    }
}
