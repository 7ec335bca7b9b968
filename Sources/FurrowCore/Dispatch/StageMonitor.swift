import FurrowRuns
import FurrowScheduling
import FurrowSystem

/// The state of a running stage and its displays: the counts, the progress display and
/// `state.json`. On rank 0.
struct StageMonitor: Sendable {
    private(set) var tally: StageTally
    /// How long jobs take.
    private(set) var jobTimes = JobTimes()
    private let ledger: StageLedger
    /// How many jobs there are, with those that are left out.
    private let total: Int?
    private let stateFile: StateFile?
    private var onFirstFailure: (@Sendable (JobFailure) -> Void)?
    private let onProgress: (@Sendable (StageFailure.Counts) -> Void)?
    private let onEmitted: (@Sendable ([UInt8]) -> Void)?
    private var progress: Progress
    /// How many jobs the generator has made; `nil` where they are not counted.
    var made: Int?
    /// Whether the stage was stopped.
    private(set) var isStopping = false
    private let resumption: String
    private let grace: Duration
    private let limit: Double?
    /// The job that each worker runs, and its start as far as rank 0 knows.
    private var running: [RunState.Running?]
    /// The latter by a clock that nobody sets.
    private var begun: [MonotonicTime]
    private var nextUpdate = MonotonicTime.now
    /// What each worker has reported.
    private var heard: [StageFailure.Counts]

    /// - Parameters:
    ///   - stage: the stage's name.
    ///   - total: how many jobs it has, if known.
    ///   - workers: how many workers run jobs.
    ///   - ledger: knows the jobs that do not run again.
    ///   - options: the runner's options.
    init(
        _ stage: String,
        total: Int?,
        workers: Int,
        ledger: StageLedger,
        options: RunOptions
    ) {
        tally = StageTally(stage: stage)
        self.ledger = ledger
        stateFile = options.journal.map {
            StateFile(in: $0.directory, metrics: options.metrics)
        }
        onProgress = options.onProgress
        onEmitted = options.onEmitted
        onFirstFailure = options.onFirstFailure
        self.total = total
        resumption = options.resumption
        grace = options.grace
        progress = Progress(options.progress, stage: stage, total: total)
        running = Array(repeating: nil, count: workers)
        begun = Array(repeating: .now, count: workers)
        limit = options.lastMoment.map { StateFile.now + ($0 - .now).seconds }
        heard = Array(repeating: StageFailure.Counts(), count: workers)
    }

    /// Adds a worker's report.
    ///
    /// - Parameter worker: its task id; 0 for a serial stage.
    mutating func add(_ report: Report, from worker: Int) {
        tally.add(report)
        heard[worker].add(report.counts)
        if let fault = report.fault { blame(fault.cause, fault.message) }
        if report.jobs > 0, let onProgress {
            askLedger()
            onProgress(tally.counts)
        }
        if !report.emitted.isEmpty { onEmitted?(report.emitted) }
        progress.show(report.shown)
        progress.show(report.failures)
        if let failure = report.failures.first(where: { $0.state != .cancelled }) {
            onFirstFailure?(failure)
            onFirstFailure = nil
        }
        note(report.current, on: worker)
        jobTimes.record(jobs: report.jobs, seconds: report.elapsed.seconds)
    }

    /// Notes the job that a worker runs: its number, or `nil` for none or a short one.
    mutating func note(_ job: Int?, on worker: Int) {
        guard let job else {
            running[worker] = nil
            return
        }
        if running[worker]?.job != job + 1 {
            begun[worker] = .now
            running[worker] = RunState.Running(taskID: worker, job: job + 1, since: StateFile.now)
        }
    }

    /// Notes that a job which a worker reports had ended on another one, too.
    mutating func repeated(_ ends: StageFailure.Counts, on worker: Int) {
        tally.repeated(ends)
        heard[worker].add(ends)
    }

    /// How many jobs a worker has reported to have succeeded.
    func succeeded(on worker: Int) -> Int { heard[worker].succeeded }

    /// How long ago rank 0 heard that a worker had begun its job, in seconds.
    func time(on worker: Int) -> Double? {
        running[worker] == nil ? nil : (.now - begun[worker]).seconds
    }

    /// Goes on without a worker.
    ///
    /// - Parameters:
    ///   - succeeded: how many jobs had succeeded that it has not reported.
    ///   - failures: those of jobs that had failed and that it has not reported.
    ///   - lacking: how many of its results are lost.
    mutating func lose(_ worker: Int, succeeded: Int, failures: [JobFailure], lacking: Int) {
        running[worker] = nil
        tally.lose(heard[worker], succeeded: succeeded, failures: failures, lacking: lacking)
        progress.show(failures)
    }

    /// Notes what stopped the stage; the first cause counts.
    mutating func blame(_ step: StageFailure.Cause, _ message: String) {
        tally.blame(step, message)
    }

    /// Notes that no more jobs start. At a signal it says so at once: until the running ones have ended
    /// minutes may pass, or a launcher may kill the run.
    mutating func stop(_ interruption: Interruption.Reason?) {
        guard !isStopping else { return }
        isStopping = true
        guard case .signal = interruption, let interruption else { return }
        progress.complain(
            "\(tally.stage): stopped \(interruption): no more jobs start, and those that run have "
                + "\(Quantity.time(seconds: grace.seconds)) to end; \(resumption)"
        )
    }

    /// Takes back the failures of jobs that run on another worker.
    mutating func retract(_ jobs: [Int]) { tally.retract(jobs) }

    /// Counts a job as failed whose next attempt will not run.
    mutating func fail(_ failure: JobFailure) {
        tally.fail(failure)
        progress.show([failure])
    }

    /// Notes that a worker was taken out, and says so.
    mutating func takeOut(_ worker: Int, _ problem: WorkerProblem) {
        let removed = RemovedWorker(
            stage: tally.stage,
            taskID: worker,
            host: problem.host,
            reason: problem.jobs.isEmpty && !problem.isOfRetries
                ? problem.message
                : "its last jobs failed, and the first of them succeeded elsewhere; the last one "
                    + "failed with: \(problem.message.prefix { $0 != "\n" })"
        )
        tally.removed.append(removed)
        progress.warn("\(removed); its jobs run on the other workers")
    }

    /// Notes that the stage goes on without a rank, and says so.
    mutating func goOn(without lost: LostRank, _ addition: String) {
        tally.removed.append(
            RemovedWorker(
                stage: tally.stage,
                taskID: lost.rank - 1,
                host: lost.host,
                reason: "its rank \(lost.fate)\(addition)"
            )
        )
        progress.warn("\(tally.stage): \(lost.description)\(addition); the run goes on without it")
    }

    /// Takes from the ledger which jobs do not run.
    private mutating func askLedger() {
        tally.keep(ledger.keptCounts)
        progress.total = total.map { $0 - ledger.leftOut }
    }

    /// Updates the displays that are due.
    mutating func update() {
        // The loops call this at each turn, and the shortest interval of a display is 100 ms.
        let now = MonotonicTime.now
        guard now >= nextUpdate else { return }
        nextUpdate = now + .milliseconds(10)
        askLedger()
        progress.update(tally.counts)
        stateFile?.update(state)
    }

    /// Ends the display and the records.
    ///
    /// - Parameters:
    ///   - interruption: why the stage ended early, if not because of an error.
    ///   - dropped: how many jobs were made but not run.
    ///   - isExhausted: whether the generator made all its jobs.
    mutating func finish(
        _ interruption: Interruption.Reason?,
        dropped: Int,
        isExhausted: Bool
    ) {
        askLedger()
        tally.interruption = interruption
        tally.isExhausted = isExhausted
        // A stopped generator may not have made all its jobs.
        let notMade = isExhausted ? 0 : (progress.total ?? 0) - tally.counts.done
        tally.counts.notRun = max(dropped + tally.lacking, notMade)
        running = []
        progress.finish(tally.counts)
        stateFile?.finish(state)
    }

    private var state: RunState {
        var state = RunState(
            stage: tally.stage,
            total: total,
            counts: tally.counts,
            running: running.compactMap { $0 },
            removed: tally.removed
        )
        state.made = made
        state.isStopping = isStopping
        state.limit = limit
        state.jobSeconds = jobTimes.expected
        return state
    }
}
