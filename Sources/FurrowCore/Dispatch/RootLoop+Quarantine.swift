import FurrowRuns
import FurrowScheduling
import FurrowSystem
import MPI

/// Workers whose jobs fail, or cannot run, where others' succeed.
extension RootLoop {
    /// Draws the conclusions from a worker's report.
    ///
    /// - Parameter ended: the jobs whose end it reports.
    mutating func judge(_ report: Report, of worker: Int, _ ended: [Int]) throws {
        let verdicts = quarantine.heed(
            ended,
            on: worker,
            succeeded: report.counts.succeeded,
            failed: report.counts.failed + report.retries.count
        )
        for verdict in verdicts { try obey(verdict) }
        guard policy.mayStart, let problem = report.problem else { return }
        if let retry = report.retries.last, problem.isOfRetries {
            try suspect(worker, problem, of: [retry.frames.first])
        } else if problem.jobs.isEmpty {
            try remove(worker, problem)
        } else {
            try suspect(worker, problem)
        }
    }

    mutating func obey(_ verdict: Quarantine.Verdict) throws {
        switch verdict {
        case .goesOn(let worker):
            dispatcher.handle(.resumed(worker: worker))
            try channel.send([], to: worker + 1, .resume)
        case .takenOut(let worker):
            guard let problem = suspects[worker] else { return }
            monitor.takeOut(worker, problem)
        }
    }

    /// Tries a worker's last jobs elsewhere: not another attempt, but the same one.
    private mutating func suspect(_ worker: Int, _ problem: WorkerProblem) throws {
        var jobs: [JobFrames] = []
        var start = 0
        while start < problem.jobs.count {
            jobs.append(JobFrames(reading: problem.jobs, at: &start))
        }
        guard try suspect(worker, problem, of: jobs.map(\.first)) else { return }
        for job in jobs.reversed() {
            store.insert(job)
            dispatcher.handle(.repeated(job.jobs))
        }
        monitor.retract(jobs.compactMap(\.firstJobNumber))
    }

    /// Lets a worker wait until jobs that failed there have ended elsewhere.
    ///
    /// - Returns: whether they can.
    @discardableResult
    private mutating func suspect(
        _ worker: Int,
        _ problem: WorkerProblem,
        of jobs: [Int]
    ) throws -> Bool {
        guard quarantine.suspect(worker, of: jobs) else {
            try channel.send([], to: worker + 1, .resume)
            return false
        }
        suspects[worker] = problem
        dispatcher.handle(.suspended(worker: worker))
        return true
    }

    /// Goes on without a worker that can run no jobs.
    private mutating func remove(_ worker: Int, _ problem: WorkerProblem) throws {
        guard let verdicts = quarantine.remove(worker) else {
            monitor.blame(.preparation, problem.message)
            policy.handle(.fault, at: .now)
            return
        }
        dispatcher.handle(.suspended(worker: worker))
        monitor.takeOut(worker, problem)
        for verdict in verdicts { try obey(verdict) }
    }
}
