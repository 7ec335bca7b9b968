import FurrowDevices
import FurrowRuns
import FurrowScheduling
import FurrowSystem
import Synchronization

/// The state shared by the two tasks of a ``SerialStage``: the one that runs the jobs and the one
/// that watches.
final class SerialStageState<Work: Job>: Sendable {
    private struct State: Sendable {
        var policy: StopPolicy
        var monitor: StageMonitor
        var outputs: [(number: Int, Work.Output)] = []
        /// The number of the running job.
        var current: Int?
        /// Whether a job of the generator was refused.
        var hasRefused = false
        var isExhausted = false
        /// The task that runs the jobs has ended or was abandoned, so the stage continues without
        /// it.
        var isOver = false
    }

    /// Opens when the stage can continue.
    let gate = Gate()
    private let state: Mutex<State>
    private let executor: JobExecutor
    /// Where jobs run, if not here, until they are found to be tiny.
    private let process: SerialJobProcess<Work>?
    private let screen = Screen()
    private let onFailure: FailurePolicy
    /// Whether a result has made the way that it would make between ranks.
    private let hasChecked = Atomic(false)

    init(
        _ stage: StageIdentity,
        _ total: Int?,
        _ ledger: StageLedger,
        _ options: RunOptions
    ) async {
        let devices = NodeDevices(
            options.deviceKind,
            environment: processEnvironment(),
            driver: DeviceDriver()
        )
        let device = devices?.assigned(to: 0, count: options.devicesPerJob)
        executor = JobExecutor(stage: stage, host: hostName(), device: device, options: options) {
            [screen] in screen.append($0)
        }
        process = options.isolation == .none ? nil : await SerialJobProcess(executor)
        onFailure = options.onFailure
        state = Mutex(
            State(
                policy: StopPolicy(options, runsJobs: true),
                monitor: StageMonitor(
                    stage.name,
                    total: total,
                    workers: 1,
                    ledger: ledger,
                    options: options
                )
            )
        )
    }

    // MARK: For the task that runs the jobs

    /// - Throws: `CancellationError` once no more jobs may start, every time a generator asks
    ///   again.
    func checkStart() throws(CancellationError) {
        try state.withLock { (state) throws(CancellationError) in
            state.policy.look()
            try Self.checkStart(&state)
        }
    }

    /// Whether a failed job has stopped the stage.
    var hasFailed: Bool { state.withLock { !$0.isOver && $0.policy.reason == .failure } }

    private static func checkStart(_ state: inout State) throws(CancellationError) {
        guard state.policy.mayStart, !state.isOver else {
            state.hasRefused = true
            throw CancellationError()
        }
    }

    /// Runs a job.
    ///
    /// - Throws: `CancellationError` if the job stopped the stage, was abandoned meanwhile, or may
    ///   not start.
    func run(_ job: Work, _ ticket: JobTicket) async throws(CancellationError) {
        let start = try state.withLock { (state) throws(CancellationError) in
            try Self.checkStart(&state)
            state.current = ticket.number
            return ContinuousClock.now
        }
        if let process, !process.hasTinyJobs {
            let (end, output) = await process.run(job, ticket)
            return try finish(ticket.number, end, output, after: .now - start)
        }
        LastWord.prepareThread()
        var output: Work.Output?
        let end = await executor.run(job, ticket) {
            if !hasChecked.exchange(true, ordering: .relaxed) {
                try Work.outputCoding.check($0, called: "its result")
            }
            output = $0
        }
        try finish(ticket.number, end, output, after: .now - start)
    }

    /// Lets a job fail that cannot be coded.
    ///
    /// - Throws: `CancellationError` if that stopped the stage.
    func refuse(_ job: UncodableJob) throws(CancellationError) {
        let failure = executor.failure(of: Work?.none, job.number, .failed, "\(job.reason)")
        try finish(job.number, .failure(failure), nil, after: .zero)
    }

    private func finish(
        _ number: Int,
        _ end: JobExecutor.End,
        _ output: Work.Output?,
        after elapsed: Duration
    ) throws(CancellationError) {
        var report = Report()
        report.elapsed = elapsed
        switch end {
        case .success:
            report.counts.succeeded = 1
        case .failure(let failure) where failure.state == .cancelled:
            report.counts.cancelled = 1
            report.failures = [failure]
        case .failure(let failure), .retry(let failure):
            report.counts.failed = 1
            report.failures = [failure]
        case .fault(let failure, let cause):
            report.counts.failed = 1
            report.failures = [failure]
            report.fault = RankProblem(cause, failure.message)
        case .unable(let failure):
            report.counts.failed = 1
            report.failures = [failure]
            report.fault = RankProblem(.preparation, failure.message)
        }
        report.shown = screen.take()
        report.emitted = executor.emitted.take()
        try state.withLock { [report, output] (state) throws(CancellationError) in
            if state.isOver { throw CancellationError() }
            state.current = nil
            if let output, case .success = end { state.outputs.append((number, output)) }
            // Signals that came before the job ended are handled before its end.
            state.policy.look()
            state.monitor.add(report, from: 0)
            state.policy.heed(report, onFailure, state.monitor.jobTimes)
            switch state.policy.reason {
            case .failure, .fault: throw CancellationError()
            case .interruption, .request, nil: break
            }
        }
    }

    /// Notes that the generator has ended.
    ///
    /// - Parameter error: the error it threw, if any.
    func close(_ error: (any Error)?) {
        state.withLock { state in
            guard !state.isOver else { return }
            state.isOver = true
            state.isExhausted = error == nil && !state.hasRefused
            // An error thrown because the stage was stopped is not the generator's.
            if let error, state.policy.mayStart {
                state.monitor.blame(
                    StageFailure.Cause(of: error, otherwise: .generator),
                    message(of: error)
                )
            }
        }
        gate.open()
    }

    // MARK: For the task that watches

    /// Stops the jobs when necessary and updates the display, until this task is cancelled.
    func watch(over jobs: Task<Void, Never>) async throws {
        while true {
            let (actions, pause) = state.withLock { state in
                state.policy.look()
                var actions: [StopPolicy.Action] = []
                while let action = state.policy.nextAction() { actions.append(action) }
                if !actions.isEmpty, !state.isOver { state.monitor.stop(state.policy.interruption) }
                if !state.isOver {
                    // Done here, so that short jobs do not pay for it.
                    state.monitor.note(state.current, on: 0)
                    state.monitor.update()
                }
                return (actions, state.policy.pause)
            }
            for action in actions {
                switch action {
                case .finish, .giveUp: break
                case .cancel: jobs.cancel()
                case .abandon: abandon()
                }
            }
            try await Task.sleep(for: pause)
        }
    }

    /// Continues without the task that runs the jobs; anything it still does is ignored.
    private func abandon() {
        process?.abandon()
        state.withLock { state in
            guard !state.isOver else { return }
            state.isOver = true
            var report = Report()
            report.shown = screen.take()
            if let current = state.current {
                report.counts.abandoned = 1
                report.failures = [executor.abandonment(of: Work.self, current)]
            }
            state.monitor.add(report, from: 0)
        }
        gate.open()
    }

    // MARK: For the stage

    /// Lets go of what was prepared for the jobs, and ends the journal.
    func tearDown() async {
        await executor.preparation.end()
        if let problem = await process?.close() {
            state.withLock { $0.monitor.blame(problem.cause, problem.message) }
        }
        let isStopping = state.withLock { !$0.policy.mayStart }
        do {
            try executor.closeJournal(isStopping: isStopping)
        } catch {
            state.withLock { $0.monitor.blame(.journal, message(of: error)) }
        }
    }

    /// Ends the display.
    func conclude() -> (StageTally, [(number: Int, Work.Output)]) {
        state.withLock { state in
            state.monitor.finish(
                state.policy.interruption,
                dropped: 0,
                isExhausted: state.isExhausted
            )
            state.policy.handle(.ended, at: .now)
            return (state.monitor.tally, state.outputs)
        }
    }
}
