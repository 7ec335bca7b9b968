import FurrowDevices
import FurrowRuns
import FurrowScheduling
import FurrowSystem
import MPI

/// A worker's jobs, which run in its process for jobs: hands on what rank 0 and the process tell each
/// other, and keeps what it takes to go on when the process ends.
@MPIActor
final class JobProcessQueue<Work: Job>: WorkerJobs {
    /// How often in a row a process may end before it begins a job.
    static var mostIdleEnds: Int { 3 }

    let identity: StageIdentity
    let options: RunOptions
    var start: StageStart
    private let deliver: ((Int, [UInt8]) -> Void)?

    var process: JobProcess?
    var held = HeldJobs()
    private var results = ResultStore(areAlike: Work.outputCoding.stride != nil)
    private var buffer: [UInt8] = []
    var pending = Report()
    var hasPending = false
    var totals = StageFailure.Counts()
    /// Results that came and were not reported.
    var unreported = 0
    private var returned: [JobFrames]?
    var isRecalled = false
    var mode: StopMode?
    var hasStopped = false
    var isAbandoning = false
    var isReplacing = false
    private var isHeld = false
    /// Rank 0 has to find out whether this worker is to blame for crashes.
    var isSuspended = false
    /// The crashes in a row. The process counts the other failures.
    var streak: Streak
    /// When a crashed job begins again here.
    var pauseEnd: MonotonicTime?
    /// How that job ended.
    var lastCrash: JobFailure?
    var crashes: CrashCounts
    var idleEnds = 0
    private var closing: RankProblem?
    private var hasClosed = false

    /// - Parameters:
    ///   - identity: the stage.
    ///   - options: how it runs.
    ///   - start: what its process must know.
    ///   - deliver: takes each result, with its job's number; `nil`: they are kept for the gather.
    init(
        _ identity: StageIdentity,
        _ options: RunOptions,
        _ start: StageStart,
        deliver: ((Int, [UInt8]) -> Void)? = nil
    ) {
        self.identity = identity
        self.options = options
        self.start = start
        self.deliver = deliver
        crashes = CrashCounts(in: options.journal?.directory)
        streak = Streak(limit: start.quarantine)
    }

    // MARK: What rank 0 says

    func add(_ jobs: JobFrames) {
        guard mode == nil, !jobs.isEmpty else { return }
        held.append(jobs)
        if let process {
            process.send(.deal, 0, jobs.message)
        } else {
            begin()
        }
    }

    func resume() {
        if isSuspended {
            isSuspended = false
            streak.forgive()
        }
        process?.send(.resume)
        begin()
    }

    func recall() {
        if let process {
            isRecalled = true
            process.send(.recall)
        } else {
            giveBack()
        }
    }

    func takeReturned() -> [JobFrames]? {
        defer { returned = nil }
        return returned
    }

    func hold() {
        isHeld = true
        process?.send(.hold)
    }

    func obey(_ action: StopPolicy.Action) {
        switch action {
        case .finish, .cancel:
            let mode: StopMode = action == .cancel ? .abort : .finish
            self.mode = mode
            if let process {
                process.send(.stop, 0, [mode.rawValue])
            } else {
                giveUpRetry()
                held.removeAll()
                hasStopped = true
            }
        case .abandon:
            isAbandoning = true
            if process == nil { held.removeAll() }
            process?.kill()
        case .giveUp: break
        }
    }

    // MARK: What rank 0 hears

    var isRunning: Bool {
        look()
        return !held.isEmpty || mode != nil && !hasStopped
    }

    func takeReport(always: Bool) -> Report? {
        look()
        guard hasPending else { return nil }
        hasPending = false
        defer { pending = Report() }
        return pending
    }

    func takeResults() -> [[UInt8]] {
        defer { results = ResultStore() }
        return results.pieces
    }

    func close() async -> RankProblem? {
        guard let process, !isAbandoning else { return nil }
        process.send(.end)
        while !hasClosed, self.process != nil {
            _ = JobProcesses.wakeup.take(waitingUpTo: .milliseconds(5))
            look()
        }
        process.showsErrors = false
        return closing
    }

    // MARK: The process

    /// Starts a process for the jobs that are held.
    func begin() {
        guard process == nil, pauseEnd == nil, !isHeld, !isSuspended, !held.isEmpty else { return }
        do {
            let process = try JobProcesses.process()
            self.process = process
            process.showsErrors = true
            var bytes: [UInt8] = []
            do {
                try WireEncoder().encode(start, into: &bytes)
            } catch {
                preconditionFailure("the start of a stage has no wire form: \(error)")
            }
            process.send(.begin, JobProcesses.stages, bytes)
            for jobs in held.messages { process.send(.deal, 0, jobs) }
        } catch {
            blame("the process for jobs could not be started: \(error)")
        }
    }

    /// This worker can run no jobs.
    func blame(_ message: String) {
        pending.problem = WorkerProblem(
            host: start.host,
            message: message + "; with --isolation none jobs run in their rank"
        )
        hasPending = true
        isHeld = true
        if mode != nil {
            held.removeAll()
            hasStopped = true
        }
    }

    /// Takes what the process says, and notices its end.
    private func look() {
        if let pauseEnd, pauseEnd <= .now {
            self.pauseEnd = nil
            begin()
        }
        guard let process else { return }
        process.flush()
        let end = process.end
        while let (kind, number) = process.next(into: &buffer) { take(kind, number) }
        if let end {
            handle(end, running: process.memory.board.running)
        }
    }

    private func take(_ message: JobMessage, _ number: Int) {
        switch message {
        case .result:
            if let deliver {
                deliver(number, buffer)
            } else {
                results.append(number, &buffer)
            }
            held.popFirst()
            unreported += 1
        case .sum:
            addUp(buffer)
        case .shown:
            pending.shown += buffer
            hasPending = true
        case .emitted:
            pending.emitted += buffer
            hasPending = true
        case .report:
            do {
                merge(try Report(message: buffer))
            } catch {
                preconditionFailure("a report of a process for jobs is damaged: \(error)")
            }
        case .returned:
            var start = 0
            var jobs: [JobFrames] = []
            while start < buffer.count { jobs.append(JobFrames(reading: buffer, at: &start)) }
            giveBack(jobs)
        case .stopped:
            held.removeAll()
            hasStopped = true
        case .stuck:
            isReplacing = true
            process?.kill()
        case .closed:
            hasClosed = true
            closing =
                (try? buffer.withUnsafeBytes {
                    try WireDecoder().decode(RankProblem?.self, from: $0)
                })
                .flatMap { $0 }
        case .begin, .deal, .recall, .resume, .hold, .stop, .end:
            preconditionFailure("a rank was sent '\(message)' by its process for jobs")
        }
    }

    private func merge(_ report: Report) {
        pending.add(report)
        unreported -= report.counts.succeeded
        let withoutResult = report.counts.failed + report.counts.cancelled + report.retries.count
        for _ in 0..<withoutResult { held.popFirst() }
        if report.counts.succeeded > 0 { streak.end() }
        totals.add(report.counts)
        if report.fault != nil { mode = mode ?? .abort }
        hasPending = true
    }

    private func addUp(_ bytes: [UInt8]) {
        guard let adding = Work.self as? any AddsUp.Type else { return }
        do {
            try adding.addUp(bytes, in: options.accumulator)
        } catch {
            pending.fault = RankProblem(
                .collect,
                "a result could not be added up: \(message(of: error))"
            )
            hasPending = true
        }
    }

    /// The process has returned jobs.
    private func giveBack(_ jobs: [JobFrames]) {
        isRecalled = false
        returned = jobs
        held.remove(jobs)
    }

    /// There is no process: all jobs are returned, but one that is to begin again.
    func giveBack() {
        isRecalled = false
        returned = held.takeAll(keepsFirst: pauseEnd != nil)
    }
}
