import FurrowRuns
import FurrowScheduling
import MPI

/// A worker's jobs under ``Isolation/auto``: they begin in its process for jobs, and go on in the rank
/// itself once they are found to be tiny.
@MPIActor
final class AutoIsolationQueue: WorkerJobs {
    private let process: any WorkerJobs
    private let makeQueue: () -> any WorkerJobs
    /// The jobs that run in the rank.
    private var queue: (any WorkerJobs)?
    private var tiny = TinyJobs(travelAlone: false)
    private var move = Move.no

    /// Where the jobs are on their way from the process to the rank.
    private enum Move {
        case no
        /// The process is to return the jobs that have not started.
        case asked
        /// It has; one may still run there.
        case returned
    }

    /// Jobs that wait until the process runs none.
    private var waiting: [JobFrames] = []
    /// Whether the process is to return jobs, to rank 0 or for the move.
    private var hasAsked = false
    /// Whether rank 0 waits for jobs.
    private var isRecalled = false
    private var isHeld = false
    private var isStopping = false

    /// - Parameters:
    ///   - process: runs jobs in the process.
    ///   - makeQueue: makes what runs them in the rank.
    init(_ process: any WorkerJobs, _ makeQueue: @escaping () -> any WorkerJobs) {
        self.process = process
        self.makeQueue = makeQueue
    }

    // MARK: What rank 0 says

    func add(_ jobs: JobFrames) {
        if let queue {
            queue.add(jobs)
        } else if move == .no {
            process.add(jobs)
        } else if !isStopping {
            waiting.append(jobs)
        }
    }

    func resume() {
        process.resume()
        queue?.resume()
    }

    func recall() {
        isRecalled = true
        if let queue { queue.recall() } else if move != .returned { ask() }
    }

    /// One answer serves rank 0 and the move.
    private func ask() {
        guard !hasAsked else { return }
        hasAsked = true
        process.recall()
    }

    func takeReturned() -> [JobFrames]? {
        guard isRecalled, let jobs = returned() else { return nil }
        isRecalled = false
        return jobs
    }

    private func returned() -> [JobFrames]? {
        if let queue { return queue.takeReturned() }
        switch move {
        case .no:
            guard let jobs = process.takeReturned() else { return nil }
            hasAsked = false
            return jobs
        case .asked: return nil
        case .returned:
            defer { waiting.removeAll() }
            return waiting
        }
    }

    func hold() {
        isHeld = true
        process.hold()
        queue?.hold()
    }

    func obey(_ action: StopPolicy.Action) {
        isStopping = true
        waiting.removeAll()
        process.obey(action)
        queue?.obey(action)
    }

    // MARK: What rank 0 hears

    var isRunning: Bool {
        process.isRunning || move == .asked || !waiting.isEmpty || queue?.isRunning ?? false
    }

    func takeReport(always: Bool) -> Report? {
        var report = process.takeReport(always: always)
        if queue == nil {
            if let report, tiny.add(report), !isStopping {
                move = .asked
                ask()
            }
            goOn()
        }
        guard let own = queue?.takeReport(always: always) else { return report }
        report?.add(own)
        return report ?? own
    }

    /// Lets the jobs go on in the rank once the process runs none; in the process if one has failed
    /// there meanwhile, since it knows what becomes of those behind it.
    private func goOn() {
        if move == .asked, let returned = process.takeReturned() {
            hasAsked = false
            if !isStopping { waiting.insert(contentsOf: returned, at: 0) }
            move = .returned
        }
        guard move == .returned else { return }
        if tiny.hasFailed {
            move = .no
            for jobs in waiting { process.add(jobs) }
            waiting.removeAll()
            if isRecalled { ask() }
        } else if !process.isRunning {
            let queue = makeQueue()
            self.queue = queue
            move = .no
            if isHeld { queue.hold() }
            for jobs in waiting { queue.add(jobs) }
            waiting.removeAll()
            if isRecalled { queue.recall() }
        }
    }

    var totals: StageFailure.Counts {
        var totals = process.totals
        if let queue { totals.add(queue.totals) }
        return totals
    }

    func takeResults() -> [[UInt8]] { process.takeResults() + (queue?.takeResults() ?? []) }

    func close() async -> RankProblem? {
        let problem = await queue?.close()
        return await process.close() ?? problem
    }
}
