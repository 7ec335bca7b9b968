import CLinux
import FurrowSystem
import Glibc
import Synchronization

/// A worker's connection to its supervisor, see ``Supervision``.
final class Supervisor: Sendable {
    /// The supervisor is gone, which never happens by itself.
    struct Gone: Error, CustomStringConvertible {
        let description = "the process that starts commands was killed"
    }

    private struct State: Sendable {
        var waiter: CheckedContinuation<ProcessOutcome, any Error>?
        /// Waits until the supervisor is ready.
        var starter: CheckedContinuation<Void, any Error>?
        var isAtWork = false
        /// A stop must not overtake its request.
        var isSent = false
        var isStopping = false
        var isGone = false
        /// Whether the system has reported its end; its number may be reused from then on.
        var isReaped = false
    }

    /// How long it may take to clean up and exit.
    private static let leaving = Duration.seconds(5)
    /// How long a killed process may take to die. A process that hangs in the kernel, for example
    /// in a file system that does not answer, does not die and is left.
    private static let dying = Duration.seconds(2)

    private let socket: Int32
    private let process: pid_t
    private let scratch: NodeScratch
    private let state = Mutex(State())

    /// Starts a supervisor.
    ///
    /// - Parameters:
    ///   - program: an executable that calls ``Supervision/run(scratch:bindsToCores:)`` when its
    ///     first argument is ``Supervision/argument``.
    ///   - scratch: a folder that the supervisor removes at its end.
    ///   - bindsToCores: whether commands are bound to the cores of this rank.
    init(program: String = "/proc/self/exe", scratch: NodeScratch, bindsToCores: Bool) throws {
        self.scratch = scratch
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Self.closeOnExec, 0, &ends) == 0
        else { throw FileError("socketpair") }
        defer { Glibc.close(ends[1]) }
        socket = ends[0]
        do {
            process = try Self.spawn(
                program,
                ends[1],
                [scratch.directory, bindsToCores ? Supervision.bound : "free"]
            )
        } catch {
            Glibc.close(ends[0])
            throw error
        }
        let created = DetachedThread.start { self.listen() }
        guard created == 0 else {
            kill(process, SIGKILL)
            while waitpid(process, nil, 0) < 0, errno == EINTR {}
            throw FileError("a thread for the supervisor", code: created)
        }
    }

    /// Closed only here, when no thread can still use the descriptor; a reused number could belong
    /// to MPI.
    deinit { Glibc.close(socket) }

    private static let closeOnExec = Int32(SOCK_CLOEXEC.rawValue)

    private static func spawn(
        _ program: String,
        _ socket: Int32,
        _ settings: [String]
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // No descriptors of mpirun's: it would wait for every process that holds a rank's standard
        // output.
        posix_spawn_file_actions_adddup2(&actions, socket, Supervision.socket)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        clinux_add_close_from(&actions, Supervision.socket + 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        clinux_set_session(&attributes)
        let arguments = ["job-supervisor", Supervision.argument] + settings
        var process = pid_t()
        let result = withCStrings(arguments.map { Array($0.utf8) }) { arguments in
            withCStrings(CommandEnvironment.base) { environment in
                posix_spawn(&process, program, &actions, &attributes, arguments, environment)
            }
        }
        guard result == 0 else { throw FileError(program, code: result) }
        return process
    }

    /// Waits until the supervisor is ready.
    ///
    /// - Throws: ``Gone`` if it ended before; `CancellationError`.
    func start() async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer: Result<Void, any Error>? = state.withLock { state in
                    if state.isAtWork { return .success(()) }
                    if state.isGone { return .failure(Gone()) }
                    // A cancellation from here on finds the waiting task.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.starter = continuation
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            takeStarter()?.resume(throwing: CancellationError())
        }
    }

    /// Whether it is gone.
    var isGone: Bool { state.withLock { $0.isGone } }

    /// Runs a command to its end, one at a time. Cancelling the task ends the command.
    ///
    /// - Throws: ``Gone``.
    func run(_ request: ProcessRequest) async throws -> ProcessOutcome {
        state.withLock { ($0.isSent, $0.isStopping) = (false, false) }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isGone = state.withLock { state in
                    if !state.isGone { state.waiter = continuation }
                    return state.isGone
                }
                guard !isGone else {
                    continuation.resume(throwing: Gone())
                    return
                }
                send(request)
                let isStopping = state.withLock { state in
                    state.isSent = true
                    return state.isStopping
                }
                if isStopping { send(nil) }
            }
        } onCancel: {
            let isSent = state.withLock { state in
                state.isStopping = true
                return state.isSent
            }
            if isSent { send(nil) }
        }
    }

    private let sending = Mutex(())

    /// A failure means that the supervisor is gone, of which the listener hears.
    private func send(_ request: SupervisorRequest) {
        let bytes = Frame(request).bytes
        sending.withLock { _ in
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count > 0 {
                    sent += count
                } else if errno != EINTR {
                    return
                }
            }
        }
    }

    private func listen() {
        var inbox = Frame.Inbox<SupervisorReply>()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(socket, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            buffer.withUnsafeBytes { inbox.add(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            while let reply = inbox.next() {
                if let outcome = reply {
                    takeWaiter(isGone: false)?.resume(returning: outcome)
                } else {
                    state.withLock { $0.isAtWork = true }
                    takeStarter()?.resume()
                }
            }
        }
        takeWaiter(isGone: true)?.resume(throwing: Gone())
        takeStarter()?.resume(throwing: Gone())
    }

    private func takeStarter() -> CheckedContinuation<Void, any Error>? {
        state.withLock { state in
            defer { state.starter = nil }
            return state.starter
        }
    }

    private func takeWaiter(isGone: Bool) -> CheckedContinuation<ProcessOutcome, any Error>? {
        state.withLock { state in
            defer { state.waiter = nil }
            state.isGone = isGone
            return state.waiter
        }
    }

    // MARK: Its end

    /// Ends the supervisor and waits until it has cleaned up. If it does not exit, because it was
    /// stopped or a command cannot be killed, it is killed.
    func close() {
        shutdown(socket, Int32(SHUT_WR))
        let end = ContinuousClock.now + Self.leaving
        var pause = Pause()
        while !reap() {
            guard .now < end else { return destroy() }
            pause.wait()
        }
    }

    /// Kills the supervisor, if it is still alive, and everything it has started.
    ///
    /// Nobody else would end its commands. They are recognised by the supervisor's session; those
    /// that left it, by the result file in their environment, whose name is unique to this worker.
    func destroy() {
        let end = ContinuousClock.now + Self.dying
        var pause = Pause()
        while !state.withLock({ $0.isReaped }) {
            kill(process, SIGKILL)
            let remains = ProcessTable.remains(ofSession: process, having: scratch.variable)
            for process in remains { kill(process, SIGKILL) }
            // Only when none of them is left: until then its number cannot be reused.
            let isDone = remains.allSatisfy { $0 == process } && reap()
            guard !isDone, .now < end else { return }
            pause.wait()
        }
    }

    private func reap() -> Bool {
        state.withLock { state in
            if !state.isReaped {
                let result = waitpid(process, nil, WNOHANG)
                state.isReaped = result == process || result < 0 && errno == ECHILD
            }
            return state.isReaped
        }
    }

    /// The time between two checks: short at first, because mostly there is nothing to wait for.
    private struct Pause {
        private var microseconds: UInt32 = 100

        mutating func wait() {
            usleep(microseconds)
            microseconds = min(microseconds * 2, 20_000)
        }
    }
}
