import FurrowRuns
import FurrowScheduling
import FurrowSystem
import MPI
import Synchronization

/// The jobs of a serial stage, each of which runs in the process for jobs.
@MPIActor
final class SerialJobProcess<Work: Job> {
    private let queue: JobProcessQueue<Work>
    private let executor: JobExecutor
    private let outputs: Outputs
    private var place = 0
    private let isAbandoned = Atomic(false)
    private var tiny: TinyJobs?
    private let tininess = Atomic(false)

    /// What came of the job that runs.
    private final class Outputs {
        var output: Result<Work.Output, any Error>?
    }

    /// - Parameter executor: takes what the jobs show and emit.
    init(_ executor: JobExecutor) {
        self.executor = executor
        let outputs = Outputs()
        self.outputs = outputs
        if executor.options.movesTinyJobs(Work.self) { tiny = TinyJobs(travelAlone: true) }
        queue = JobProcessQueue(
            executor.stage,
            executor.options,
            StageStart(
                taskID: executor.taskID,
                rank: executor.rank,
                host: executor.host,
                device: executor.device
            )
        ) { _, bytes in
            outputs.output = Result {
                try bytes.withUnsafeBytes { try Work.outputCoding.makeDecoder()($0) }
            }
        }
    }

    /// Runs a job, and retries it as ``JobExecutor`` does.
    func run(_ job: Work, _ ticket: JobTicket) async -> (JobExecutor.End, Work.Output?) {
        func failed(_ problem: UncodableValue) -> (JobExecutor.End, Work.Output?) {
            (.failure(executor.failure(of: job, ticket.number, .failed, "\(problem)")), nil)
        }
        var bytes: [UInt8] = []
        ticket.append(to: &bytes)
        do {
            try Work.coding.makeEncoder()(job, &bytes)
        } catch {
            return failed(UncodableValue("its parameters cannot be encoded", error))
        }
        var frames = JobFrames(first: place)
        frames.append(bytes)
        place += 1
        outputs.output = nil
        queue.add(frames)
        let report = untilItEnds()
        if tiny?.add(report) ?? false { tininess.store(true, ordering: .relaxed) }
        executor.show(report.shown)
        executor.emitted.append(report.emitted)
        if let fault = report.fault ?? report.problem.map({ RankProblem(.preparation, $0.message) })
        {
            let failure = executor.failure(of: job, ticket.number, .failed, fault.message)
            return (.fault(failure, fault.cause), nil)
        }
        guard report.counts.succeeded == 1 else {
            let failure =
                report.failures.first
                // One that has not begun.
                ?? executor.failure(of: job, ticket.number, .cancelled, "the stage was stopped")
            return (.failure(failure), nil)
        }
        switch outputs.output {
        case .success(let output):
            return (.success, output)
        case .failure(let error):
            return failed(UncodableValue("its result cannot be decoded on another rank", error))
        case nil:
            preconditionFailure("a job has succeeded without a result")
        }
    }

    /// Nothing else is to be done on the MPI thread of a serial stage.
    private func untilItEnds() -> Report {
        var report = Report()
        var hasCancelled = false
        while true {
            if isAbandoned.load(ordering: .relaxed) { queue.obey(.abandon) }
            if Task.isCancelled, !hasCancelled {
                hasCancelled = true
                queue.obey(.cancel)
            }
            if let new = queue.takeReport(always: true) { report.add(new) }
            if report.jobs > 0 || report.fault != nil || report.problem != nil { return report }
            if hasCancelled, !queue.isRunning {
                // It had not begun.
                report.counts.cancelled = 1
                return report
            }
            _ = JobProcesses.wakeup.take(waitingUpTo: .milliseconds(5))
        }
    }

    /// Whether the further jobs are better off in the rank.
    nonisolated var hasTinyJobs: Bool { tininess.load(ordering: .relaxed) }

    /// Ends the job that runs with its process.
    nonisolated func abandon() { isAbandoned.store(true, ordering: .relaxed) }

    /// See ``WorkerJobs/close()``.
    func close() async -> RankProblem? { await queue.close() }
}
