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
        if let queue {
            queue.recall()
        } else if move == .no {
            process.recall()
        } else {
            isRecalled = true
        }
    }

    func takeReturned() -> [JobFrames]? {
        if let queue { return queue.takeReturned() }
        return move == .no ? process.takeReturned() : nil
    }

    /// Only a sweep's jobs are dealt twice, and they do not run in a process of their own.
    func revoke(_ index: Int) {}

    func abandonRevoked() {}

    func takeRevoked() -> Bool { false }

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

    var isRunning: Bool { process.isRunning || move != .no || queue?.isRunning ?? false }

    func takeReport(always: Bool) -> Report? {
        var report = process.takeReport(always: always)
        if queue == nil {
            if move == .no, let report, tiny.add(report), !isStopping {
                move = .asked
                process.recall()
            }
            goOn()
        }
        guard let own = queue?.takeReport(always: always) else { return report }
        report?.add(own)
        return report ?? own
    }

    /// Lets the jobs go on in the rank once the process runs none.
    private func goOn() {
        if move == .asked, let returned = process.takeReturned() {
            if !isStopping { waiting.insert(contentsOf: returned, at: 0) }
            move = .returned
        }
        guard move == .returned, !process.isRunning else { return }
        let queue = makeQueue()
        self.queue = queue
        move = .no
        if isHeld { queue.hold() }
        for jobs in waiting { queue.add(jobs) }
        waiting.removeAll()
        if isRecalled { queue.recall() }
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
