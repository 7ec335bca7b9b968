import CLinux
import FurrowRuns
import FurrowScheduling
import FurrowSystem
import Glibc
package import MPI
import Synchronization
import SystemPackage

/// The rank of this process, if this process runs jobs for one, see ``JobProcess``.
///
/// Everything that ranks tell each other outside the jobs of a stage is read from the rank's log, as
/// it was or as it comes.
@MPIActor
package final class RankLink: Replay {
    /// `nil` in a rank.
    package nonisolated static let current: RankLink? = RankLink(processEnvironment())

    private let log: StageLog
    nonisolated let memory: SharedBoard
    nonisolated let outbox: Outbox
    private var orders: StageOrders
    private var position = 0
    private var stage = 0
    private let wakeup = Mailbox<Never>()
    private let output: OpenFile?

    /// - Returns: `nil` if the environment names no rank that started this process.
    private nonisolated init?(_ environment: [String: String]) {
        guard let rank = environment[JobProcess.variable].flatMap({ pid_t($0) }),
            rank == getppid()
        else { return nil }
        // Programs that jobs start are none.
        unsetenv(JobProcess.variable)
        unsetenv("FURROW_KEEPER")
        // Swift has read it.
        if getenv("SWIFT_BACKTRACE").map({ String(cString: $0) }) == JobProcess.backtrace {
            unsetenv("SWIFT_BACKTRACE")
        }
        clinux_die_with_parent()
        // Its end may have come before.
        guard rank == getppid() else { _exit(ExitStatus.internalError.rawValue) }
        let descriptors = [
            JobProcess.socketDescriptor, JobProcess.logDescriptor, JobProcess.boardDescriptor,
        ]
        for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        do {
            memory = try SharedBoard(
                OpenFile(JobProcess.boardDescriptor, as: SharedBoard.meaning)
            )
        } catch {
            StandardError.write("\(error)")
            _exit(ExitStatus.internalError.rawValue)
        }
        log = StageLog(reading: JobProcess.logDescriptor)
        outbox = Outbox(memory.replies, JobProcess.socketDescriptor)
        orders = StageOrders(RingReader(memory.orders))
        output = try? OpenFile.standardOutput.duplicate(from: JobProcess.firstOwnDescriptor)
        Self.ignoreSignals()
        MemoryShortage.offer(getpid())
        Self.hideOutput()
        Self.listen(wakeup)
    }

    /// The rank hears of them, and decides.
    private nonisolated static func ignoreSignals() {
        // Not ignored: programs that jobs start would inherit that.
        for signal in Interruption.signals + [SIGPIPE] { Glibc.signal(signal) { _ in } }
    }

    /// What the program says outside its jobs its rank says.
    private nonisolated static func hideOutput() {
        try? OpenFile("/dev/null", .writeOnly).replace(.standardOutput)
    }

    /// Wakes the thread that waits for its rank; ends this process when the rank ends.
    private nonisolated static func listen(_ wakeup: Mailbox<Never>) {
        let created = DetachedThread.start {
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = recv(JobProcess.socketDescriptor, &buffer, buffer.count, 0)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { _exit(0) }
                wakeup.wake()
            }
        }
        guard created == 0 else { _exit(ExitStatus.internalError.rawValue) }
    }

    /// Lets `MPISession` answer from the log.
    package static func install() { if let current { MPISession.replay = current } }

    // MARK: What the rank has heard

    package var place: (rank: Int, size: Int, host: String) {
        let bytes = entry(.place)
        do {
            let place = try bytes.withUnsafeBytes {
                try WireDecoder().decode(LogPlace.self, from: $0)
            }
            // A serial run's process does what a worker does.
            return (max(1, place.rank), place.size, place.host)
        } catch {
            preconditionFailure("a rank's place cannot be read: \(error)")
        }
    }

    package func next() throws(MPIError) -> [UInt8] { entry(.collective) }

    private func entry(_ kind: StageLog.Kind) -> [UInt8] {
        while true {
            if let entry = log.entry(at: &position) {
                check(entry.kind, kind)
                return entry.bytes
            }
            _ = wakeup.take(waitingUpTo: nil)
        }
    }

    private func check(_ found: StageLog.Kind, _ expected: StageLog.Kind) {
        guard found != expected else { return }
        StandardError.write(
            "this process for jobs does not do what its rank did (\(found) in place of "
                + "\(expected)); every rank of a program must run the same stages in the same order; "
                + "with --isolation none it has no such process"
        )
        _exit(ExitStatus.internalError.rawValue)
    }

    // MARK: Stages

    /// Runs the jobs of the program's next stage that the rank sends, until the stage is over.
    ///
    /// - Throws: `ParallelExecutionError` if the stage failed; that of the rank is another for a
    ///   serial stage.
    func runStage<Work: Job>(
        _ type: Work.Type,
        _ identity: StageIdentity,
        _ options: RunOptions
    ) async throws -> StageFailure? {
        stage += 1
        while true {
            // First: what the rank said of a stage that is over is no longer of interest.
            if let entry = log.entry(at: &position) {
                if entry.kind == .place { continue }
                check(entry.kind, .stageEnd)
                return try StageFailure(encoded: entry.bytes)
            }
            if let bytes = orders.start(of: stage) {
                let start = try bytes.withUnsafeBytes {
                    try WireDecoder().decode(StageStart.self, from: $0)
                }
                await serve(type, identity, options, start)
            } else {
                _ = wakeup.take(waitingUpTo: nil)
            }
        }
    }

    private func serve<Work: Job>(
        _ type: Work.Type,
        _ identity: StageIdentity,
        _ options: RunOptions,
        _ start: StageStart
    ) async {
        try? output?.replace(.standardOutput)
        var loop = StandInLoop(
            WorkerQueue<Work>(identity, options, start, memory, outbox),
            outbox,
            grace: options.grace
        )
        var bytes: [UInt8] = []
        while !loop.isOver {
            while !loop.isOver, let kind = orders.next(into: &bytes) {
                await loop.handle(kind, bytes)
            }
            loop.look()
            if !loop.isOver { _ = wakeup.take(waitingUpTo: loop.pause) }
        }
        fflush(nil)
        Self.hideOutput()
    }
}

/// Whether a job keeps its thread.
private final class StuckFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}

extension WorkerQueue {
    /// The jobs of a process that stands in for a rank.
    convenience init(
        _ stage: StageIdentity,
        _ given: RunOptions,
        _ start: StageStart,
        _ memory: SharedBoard,
        _ outbox: Outbox
    ) {
        var options = given
        let stuck = StuckFlag()
        options.standIn = StandIn(
            board: memory.board,
            emit: { outbox.send(.emitted, $0) },
            addUp: { outbox.send(.sum, $0) },
            noteStuck: { stuck.set() }
        )
        let executor = JobExecutor(
            stage: stage,
            taskID: start.taskID,
            rank: start.rank,
            host: start.host,
            device: start.device,
            options: options,
            movesRetries: start.movesRetries
        ) { outbox.send(.shown, $0) }
        self.init(
            executor: executor,
            screen: Screen(),
            quarantine: start.quarantine,
            movesRetries: start.movesRetries,
            deliver: { outbox.add(.result, $0, $1) },
            alert: { queue in
                outbox.report(queue, always: true)
                guard stuck.isSet else { return }
                outbox.send(.stuck, [])
                // The rank ends this process.
                while true { pause() }
            }
        )
    }
}
