import CMPI
import Glibc
import Synchronization

/// MPI in this process, from `MPI_Init_thread` to `MPI_Finalize`.
@MPIActor
public enum MPISession {
    private static var world: Communicator?
    /// What stands in for MPI in this process.
    package static var replay: (any Replay)?

    private nonisolated static let over = Atomic(false)
    /// Whether this process has left MPI, by `MPI_Finalize` or without it.
    nonisolated static var isOver: Bool { over.load(ordering: .relaxed) }

    /// Called in place of `MPI_Finalize` if ranks were lost.
    package static var leaveTheDead: () -> Void = {}
    /// Called before all ranks are ended: this one's end is not a loss that they could survive.
    package static var announceAbort: () -> Void = {}

    /// Starts MPI, or returns the communicator if it was started before. Collective.
    ///
    /// `MPI_Init_thread` with `MPI_THREAD_FUNNELED` (MPI 3.1, section 12.4.3), errors returned
    /// instead of fatal (`MPI_ERRORS_RETURN`, section 8.3), and a duplicate of `MPI_COMM_WORLD`
    /// (section 6.4.2), so that Furrow's messages cannot mix with others.
    ///
    /// - Returns: a communicator of all ranks of the launch.
    /// - Throws: ``MPIError`` if MPI cannot be started or offers less than `MPI_THREAD_FUNNELED`.
    package static func start() throws(MPIError) -> Communicator {
        if let world { return world }
        if let replay {
            let communicator = Communicator(replay)
            world = communicator
            return communicator
        }
        var provided: Int32 = 0
        try check("MPI_Init_thread") {
            MPI_Init_thread(nil, nil, CMPI_THREAD_FUNNELED(), &provided)
        }
        try check("MPI_Comm_set_errhandler") {
            MPI_Comm_set_errhandler(CMPI_COMM_WORLD().handle, CMPI_ERRORS_RETURN())
        }
        guard provided >= CMPI_THREAD_FUNNELED() else {
            throw MPIError(
                function: "MPI_Init_thread",
                text: "this MPI provides thread level \(provided); Furrow needs MPI_THREAD_FUNNELED"
            )
        }
        let communicator = try Communicator(duplicating: CMPI_COMM_WORLD())
        world = communicator
        on_exit(finishAtExit, nil)
        return communicator
    }

    /// Whether MPI was started and not ended.
    public static var isStarted: Bool { world != nil }

    /// Ends MPI (`MPI_Finalize`, MPI 3.1, section 8.7), if it was started. Collective. Called by
    /// itself when a process exits with status 0.
    ///
    /// Only for an end that every rank reaches. A rank that finalizes alone, after an error unknown
    /// to the others, leaves them waiting; it must call ``abort(_:)`` instead.
    public static func finish() throws(MPIError) {
        guard let communicator = world else { return }
        guard !communicator.isReplayed else { return }
        if communicator.hasLost {
            // MPI_Finalize has a fence in which the launcher waits for all ranks, or for the wrong
            // number of them. The process just exits, once all are here.
            try communicator.barrier()
            leaveTheDead()
        } else {
            try communicator.free()
            try check("MPI_Finalize") { MPI_Finalize() }
        }
        world = nil
        over.store(true, ordering: .relaxed)
    }

    /// How long `MPI_Abort` may take. Open MPI asks the launcher to end all ranks and waits for its
    /// answer, which may never come; a rank that exits instead makes the launcher end the others.
    private nonisolated static let patience: UInt32 = 10

    /// Ends all ranks at once (`MPI_Abort`, MPI 3.1, section 8.7). Not collective. It takes ten
    /// seconds at most.
    ///
    /// - Parameter status: the exit status for the launcher.
    public static func abort(_ status: Int32) -> Never {
        var (isStarted, isOver): (Int32, Int32) = (0, 0)
        MPI_Initialized(&isStarted)
        MPI_Finalized(&isOver)
        announceAbort()
        // Elsewhere it is not allowed. An error may have come in the middle of either.
        if isStarted != 0, isOver == 0, exitLater(status) {
            MPI_Abort(CMPI_COMM_WORLD().handle, status)
        }
        _exit(status)
    }

    /// Ends this process in any case, after a while.
    ///
    /// - Returns: false if it cannot be ensured.
    private nonisolated static func exitLater(_ status: Int32) -> Bool {
        var thread = pthread_t()
        let context = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
        context.initialize(to: status)
        return pthread_create(
            &thread,
            nil,
            { context in
                sleep(MPISession.patience)
                _exit(context?.load(as: Int32.self) ?? EXIT_FAILURE)
            },
            context
        ) == 0
    }

    /// The library's name and version in one line (`MPI_Get_library_version`, section 8.1.1),
    /// for example `Open MPI v4.1.4`. May be called before ``start()``.
    package static nonisolated var libraryVersion: String {
        let text = string(capacity: CMPI_MAX_LIBRARY_VERSION_STRING()) {
            MPI_Get_library_version($0, $1)
        }
        // MPICH has a tab in it.
        return text.prefix { $0 != "," && $0 != "\n" && $0 != "\0" }
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
