import FurrowRuns
import FurrowScheduling
import FurrowSystem
import MPI

/// Jobs that failed and run once more, on another worker where there is one.
extension RootLoop {
    /// Takes over the jobs that a worker's report gives back.
    mutating func take(_ report: Report, from worker: Int) {
        for retry in report.retries {
            guard !dispatcher.isStopping else {
                monitor.fail(retry.failure)
                continue
            }
            dispatcher.handle(.postponed(jobs: 1))
            let delay = options.retryDelay(after: retry.failure.attempt)
            retries.add(retry, from: worker, due: .now + delay)
        }
    }

    /// Lets the jobs be dealt again whose delay has passed. True if there were any.
    mutating func dealRetries() -> Bool {
        var hasActed = false
        while !dispatcher.isStopping, let (frames, worker) = retries.next(at: .now) {
            store.insert(frames)
            dispatcher.handle(.retried(job: frames.first, avoiding: worker))
            hasActed = true
        }
        return hasActed
    }

    /// Counts the jobs as failed that will have no other attempt.
    ///
    /// - Returns: how many of them the dispatcher has dropped.
    mutating func giveUpRetries() -> Int {
        let (failures, dealt) = retries.giveUp()
        for failure in failures { monitor.fail(failure) }
        return dealt
    }
}
