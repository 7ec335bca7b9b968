import DequeModule

/// The end of a stage before all jobs have run.
extension Dispatcher {
    /// Whether the stage was stopped.
    package var isStopping: Bool { stopMode != nil }

    /// The workers that were told to stop and have not answered.
    package var silentWorkers: [Int] {
        stopMode == nil ? [] : workers.indices.filter { !workers[$0].isStopped }
    }

    mutating func stop(_ mode: StopMode) {
        guard !hasProceeded, stopMode != .abort, stopMode != mode else { return }
        stopMode = mode
        dropped += waiting
        waiting = 0
        postponed = 0
        pool.removeAll()
        for worker in avoiding { retries[worker] = [] }
        avoiding = []
        for worker in workers.indices where !workers[worker].isLost {
            commands.append(.stop(worker: worker, mode))
        }
    }

    mutating func drop(_ worker: Int) {
        if !leaveCopy(worker) { dropped += workers[worker].jobs }
        dealt -= workers[worker].jobs
        if !workers[worker].isStopped { stopped += 1 }
        workers[worker] = Worker()
        workers[worker].isStopped = true
    }
}
