import CLinux
import DequeModule
import FurrowSystem
import Glibc
import MPI

/// The process that runs the jobs of a rank, seen from the rank: the program started again.
@MPIActor
final class JobProcess {
    /// What the process has in its environment: the number of its rank's process.
    nonisolated static let variable = "FURROW_JOB_PROCESS"
    /// What Swift says of a crash: what was executed where, without registers and libraries.
    nonisolated static let backtrace =
        "color=no,interactive=no,registers=none,images=none,threads=crashed"
    /// The process's descriptors: its end of the socket, the log, the shared memory.
    nonisolated static let socketDescriptor: Int32 = 3
    nonisolated static let logDescriptor: Int32 = 4
    nonisolated static let boardDescriptor: Int32 = 5
    /// Descriptors of a rank that are handed on have higher numbers than these.
    nonisolated static let firstOwnDescriptor: Int32 = 16

    let memory: SharedBoard
    let identifier: pid_t
    private let listener: JobProcessListener
    private var reader: RingReader
    private var orders = Deque<(kind: JobMessage, number: Int, rest: ArraySlice<UInt8>)>()

    /// Starts a process.
    ///
    /// - Parameters:
    ///   - log: what it is to do until it has caught up.
    ///   - wakeup: wakes the MPI thread when the process says something or ends.
    init(reading log: StageLog, waking wakeup: Mailbox<Never>) throws(FileError) {
        let board = try OpenFile.inMemory("furrow-board", as: SharedBoard.meaning)
        memory = try SharedBoard(board)
        reader = RingReader(memory.replies)
        var ends: [Int32] = [0, 0]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw FileError("socketpair") }
        let sockets = ends.map { OpenFile($0, as: "socketpair") }
        let errors = try OpenFile.pipe()
        // Their numbers must not be among those that they get in the process.
        identifier = try Self.spawn(
            [
                (try sockets[1].duplicate(from: Self.firstOwnDescriptor), Self.socketDescriptor),
                (log.file, Self.logDescriptor), (board, Self.boardDescriptor),
                (try errors.writing.duplicate(from: Self.firstOwnDescriptor), STDERR_FILENO),
            ]
        )
        listener = try JobProcessListener(
            identifier,
            socket: sockets[0],
            errors: errors.reading,
            waking: wakeup
        )
    }

    private static func spawn(_ handed: [(file: OpenFile, to: Int32)]) throws(FileError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        for (file, to) in handed { posix_spawn_file_actions_adddup2(&actions, file.number, to) }
        clinux_add_close_from(&actions, boardDescriptor + 1)
        if let folder = ProgramStart.shared.folder { clinux_add_directory(&actions, folder) }
        // It has no launcher, and no keeper.
        let variables =
            ProgramStart.shared.environment.filter { !$0.hasPrefix("FURROW_KEEPER=") }
            + ["\(variable)=\(getpid())", "FURROW_KEEPER=0"]
            + (ProgramStart.shared.environment.contains { $0.hasPrefix("SWIFT_BACKTRACE=") }
                ? [] : ["SWIFT_BACKTRACE=\(backtrace)"])
        var process = pid_t()
        let result = withCStrings(ProgramStart.shared.arguments.map { Array($0.utf8) }) {
            arguments in
            withCStrings(variables.map { Array($0.utf8) }) { environment in
                posix_spawn(&process, "/proc/self/exe", &actions, nil, arguments, environment)
            }
        }
        guard result == 0 else { throw FileError("/proc/self/exe", code: result) }
        return process
    }

    // MARK: Messages

    /// Sends a message; ``flush()`` sends what there is no room for yet.
    func send(_ kind: JobMessage, _ number: Int = 0, _ bytes: [UInt8] = []) {
        orders.append((kind, number, bytes[...]))
        flush()
    }

    func flush() {
        var hasSent = false
        while let first = orders.first {
            let rest = first.rest
            guard let count = memory.orders.add(first.kind.rawValue, first.number, rest) else {
                break
            }
            hasSent = true
            if count == rest.count {
                orders.removeFirst()
            } else {
                orders[0].rest = rest.dropFirst(count)
            }
        }
        if hasSent { ring() }
    }

    /// Lets the process look.
    func ring() { listener.ring() }

    /// The next message of the process, also of one that has ended.
    func next(into bytes: inout [UInt8]) -> (kind: JobMessage, number: Int)? {
        reader.next(into: &bytes)
    }

    // MARK: Its output and its end

    /// Whether what it writes to its standard error is passed on to the rank's.
    var showsErrors: Bool {
        get { listener.showsErrors }
        set { listener.showsErrors = newValue }
    }

    /// How it ended, and the last of what it wrote to its standard error; `nil` while it runs.
    ///
    /// Ask before the last messages are taken: then none comes behind them.
    var end: JobProcessEnd? { listener.end }

    /// Ends it.
    func kill() { Glibc.kill(identifier, SIGKILL) }
}

/// How a process ended.
struct JobProcessEnd: Sendable, Equatable {
    /// Of `waitpid`.
    var status: Int32
    /// The last lines of its standard error.
    var errors: [UInt8]

    /// In words: `was killed by signal 11 (SIGSEGV)`.
    var reason: String {
        let signal = status & 0x7f
        guard signal != 0 else { return "exited with status \(status >> 8 & 0xff)" }
        return "was killed by signal \(signal)"
            + (SignalName.name(of: signal).map { " (\($0))" } ?? "")
    }

    /// The most lines of its standard error in a message.
    private static let lines = 5
    /// The most bytes of it that are kept.
    static let bytes = 16 << 10

    /// The reason and the last lines.
    var description: String {
        let all = String(decoding: errors, as: UTF8.self).split(whereSeparator: \.isNewline)
        // Behind what Swift says of a trap are lists of addresses.
        let start =
            all.lastIndex { $0.contains("Fatal error") }
            ?? all.lastIndex { $0.contains("Program crashed: ") }
        let trap = start.map { start in
            all[start...].prefix { !$0.hasPrefix("Current stack trace") }
                .filter { !$0.hasPrefix("*** Signal") && !$0.hasPrefix("Platform: ") }
        }
        let last = (trap?.prefix(Self.lines) ?? all.suffix(Self.lines)).map { line in
            // Its output must not control the terminal that shows it.
            "    | " + line.withoutControls
        }
        return (["the process of its worker's jobs \(reason)"] + last).joined(separator: "\n")
    }
}

/// What this process was started with, as far as it is still known: what starts again begins as it
/// did. Made before the program changes any of it, if it can be.
struct ProgramStart: Sendable {
    static let shared = ProgramStart()

    let arguments: [String]
    let environment: [String]
    let folder: String?

    private init() {
        arguments = (0..<Int(CommandLine.argc)).compactMap { index in
            CommandLine.unsafeArgv[index].map { String(cString: $0) }
        }
        environment = processEnvironment().map { "\($0.key)=\($0.value)" }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        folder = getcwd(&buffer, buffer.count).map { String(cString: $0) }
    }
}
