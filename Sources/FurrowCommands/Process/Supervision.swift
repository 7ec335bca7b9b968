import CLinux
import Dispatch
package import Furrow
import Glibc

/// The supervisor: a small process without MPI that starts a worker's commands.
///
/// A child in its own process group outlives a killed rank, and forking a process that uses MPI is
/// slow. So a worker starts one supervisor, in its own session, and requests commands from it over
/// a socket. Orphaned descendants become its children (`PR_SET_CHILD_SUBREAPER`). When the socket
/// closes, for whatever reason, it kills all remaining processes and exits.
///
/// The handler of SIGCHLD writes to a pipe to report a child's end. The classic `ppoll` with
/// SIGCHLD unblocked is not enough: Swift's runtime has its own threads, the signal may go to one
/// of them, and the poll keeps sleeping (seen in one of four cancellations).
package struct Supervision {
    /// The first argument of a supervisor's command line.
    static let argument = "supervise"
    /// The third argument, if commands are bound to the cores of the rank.
    static let bound = "bound"

    /// How long a command runs before its files get the name of its job. Shorter ones, perhaps a
    /// thousand a second, skip this.
    static let namingDelay = Duration.milliseconds(200)

    /// How often the size of a command's output is looked at, where it has a limit.
    private static let lookInterval = Duration.milliseconds(50)

    /// The descriptor of the socket.
    static let socket: Int32 = 3
    /// Both ends of the pipe. Constants, because a signal handler cannot use variables.
    private static let childEnds: Int32 = 4
    private static let childSignal: Int32 = 5

    private var inbox = Frame.Inbox<SupervisorRequest>()
    private var spawner = Spawner()
    private var child: Child?
    private let scratch: String
    /// The most memory that this process had resident, in kilobytes, as last read.
    private var ownPeak = ProcessTable.ownPeak ?? 0

    private struct Child {
        let process: pid_t
        let grace: Duration
        /// Its files, and their future names.
        let files: [(file: String, name: String)]
        /// When they get these names.
        var naming: ContinuousClock.Instant?
        /// When it gets a SIGTERM because it took too long.
        var timeout: ContinuousClock.Instant?
        /// The most bytes that its files may have, and when they are looked at next.
        let outputLimit: Int?
        var look: ContinuousClock.Instant?
        /// When it gets a SIGKILL.
        var end: ContinuousClock.Instant?
        var outcome = ProcessOutcome(end: .exited(0))

        var nextDeadline: ContinuousClock.Instant? {
            [naming, look, end ?? timeout].compactMap(\.self).min()
        }
    }

    /// The `main` of a program that runs commands: the supervisor's, if the process was started as
    /// one. That is before Swift has started a thread: with one thread alone, a child's end wakes
    /// the one that waits for it.
    package static func main(of program: (some FurrowProgram).Type) -> Never {
        let arguments = CommandLine.arguments
        if arguments.count == 4, arguments[1] == argument {
            run(scratch: arguments[2], bindsToCores: arguments[3] == bound)
        }
        Task { await program.main() }
        dispatchMain()
    }

    /// - Parameters:
    ///   - scratch: a folder to remove at the end.
    ///   - bindsToCores: whether commands are bound to the cores of the rank.
    private static func run(scratch: String, bindsToCores: Bool) -> Never {
        clinux_adopt_orphans()
        // mpirun binds a rank to a core, but a command may need more: all that mpirun itself may use.
        if !bindsToCores, let launcher = ProcessTable.launcher(of: getppid()) {
            clinux_use_cores_of(launcher)
        }
        openChildPipe()
        // Inherited from one of Swift's threads, which block all signals.
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
        // A signal to all processes of a job is meant for the ranks, which tell the supervisor.
        for number in [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGQUIT] {
            signal(number, SIG_IGN)
        }
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
        var supervision = Supervision(scratch: scratch)
        supervision.serve()
    }

    private static func openChildPipe() {
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0, "a supervisor has descriptors left")
        // The ends may already have these numbers, or each the other's.
        let writing = fcntl(ends[1], F_DUPFD, childSignal + 1)
        dup2(ends[0], childEnds)
        dup2(writing, childSignal)
        for descriptor in ends + [writing] where descriptor > childSignal { close(descriptor) }
        for descriptor in [childEnds, childSignal] {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        }
        signal(SIGCHLD) { _ in
            let code = errno
            var byte: UInt8 = 0
            // A full pipe wakes as well.
            _ = write(Supervision.childSignal, &byte, 1)
            errno = code
        }
    }

    private init(scratch: String) { self.scratch = scratch }

    private mutating func serve() -> Never {
        // What ends before this has started no command.
        reply(nil)
        while true {
            var descriptors = [Self.socket, Self.childEnds].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            let deadline = child?.nextDeadline
            let left = deadline.map { max(0, ContinuousClock.now.duration(to: $0).nanoseconds) }
            // Rounded up, so that a deadline has passed when the poll ends.
            let pause = left.map { Int32(clamping: $0 / 1_000_000 + 1) } ?? -1
            if poll(&descriptors, 2, pause) > 0 {
                if descriptors[1].revents != 0 {
                    var bytes: UInt64 = 0
                    while read(Self.childEnds, &bytes, 8) > 0 {}
                    reap()
                }
                if descriptors[0].revents != 0 { readRequests() }
            }
            meetDeadlines()
        }
    }

    // MARK: Requests

    private mutating func readRequests() {
        let size = 65_536
        var isOpen = true
        withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { buffer in
            while true {
                let count = read(Self.socket, buffer.baseAddress, size)
                if count > 0 {
                    inbox.add(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                } else {
                    isOpen = count < 0 && (errno == EAGAIN || errno == EINTR)
                    if count == 0 || errno != EINTR { return }
                }
            }
        }
        while let request = inbox.next() {
            if let request { start(request) } else { stop() }
        }
        if !isOpen { leave() }
    }

    private mutating func start(_ request: ProcessRequest) {
        switch spawner.start(request) {
        case .success(let process):
            child = Child(
                process: process,
                grace: request.grace,
                files: [request.output, request.errors].enumerated().map {
                    (file: $1, name: $0 < request.names.count ? request.names[$0] : "")
                },
                naming: request.names.isEmpty ? nil : .now + Self.namingDelay,
                timeout: request.timeout.map { .now + $0 },
                outputLimit: request.outputLimit,
                look: request.outputLimit.map { _ in .now + Self.lookInterval }
            )
            MemoryShortage.offer(process)
        case .failure(let problem):
            var outcome = ProcessOutcome(end: .notStarted(problem.description))
            outcome.isShortage = problem.isShortage
            reply(outcome)
        }
    }

    private mutating func stop() {
        guard child?.outcome.stopped == false else { return }
        child?.outcome.stopped = true
        terminate()
    }

    private func reply(_ reply: SupervisorReply) {
        let bytes = Frame(reply).bytes
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                write(Self.socket, $0.baseAddress, $0.count)
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                var descriptor = pollfd(fd: Self.socket, events: Int16(POLLOUT), revents: 0)
                poll(&descriptor, 1, -1)
            } else if errno != EINTR {
                leave()
            }
        }
    }

    // MARK: Ends

    private mutating func meetDeadlines() {
        let now = ContinuousClock.now
        if let naming = child?.naming, now >= naming { nameFiles() }
        if let look = child?.look, now >= look { checkOutput() }
        if let timeout = child?.timeout, now >= timeout {
            child?.outcome.timedOut = true
            terminate()
        }
        if let end = child?.end, now >= end, let process = child?.process {
            child?.end = nil
            kill(-process, SIGKILL)
            // Processes that left the group are killed too; the rest follows when the command ends.
            Self.killChildren()
        }
    }

    private mutating func nameFiles() {
        child?.naming = nil
        for (file, name) in child?.files ?? [] where rename(file, name) == 0 {
            child?.outcome.isNamed = true
        }
        // Without a name the output is still kept, but cannot be read before the end.
        if child?.outcome.isNamed == true { spawner.forgetFiles() }
    }

    /// Ends a command that has written too much, without grace: it would write on.
    private mutating func checkOutput() {
        guard let running = child, let limit = running.outputLimit else { return }
        child?.look = .now + Self.lookInterval
        let written = running.files.reduce(0) { size, file in
            var status = stat()
            let isThere =
                stat(running.outcome.isNamed ? file.name : file.file, &status) == 0
                || stat(file.file, &status) == 0
            return size + (isThere ? Int(status.st_size) : 0)
        }
        guard written > limit else { return }
        child?.look = nil
        child?.outcome.overflowed = true
        kill(-running.process, SIGKILL)
        Self.killChildren()
    }

    /// Asks the command's processes to end.
    private mutating func terminate() {
        guard let running = child else { return }
        child?.timeout = nil
        if running.end == nil { child?.end = .now + running.grace }
        kill(-running.process, SIGTERM)
        // A stopped process would not receive it.
        kill(-running.process, SIGCONT)
    }

    private mutating func reap() {
        var status: Int32 = 0
        var usage = rusage()
        while true {
            let process = wait4(-1, &status, WNOHANG, &usage)
            guard process > 0 else { return }
            guard var ended = child, process == ended.process else { continue }
            child = nil
            Self.killAll(group: process)
            ended.outcome.end =
                status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F)
            ended.outcome.userTime = usage.ru_utime.seconds
            ended.outcome.systemTime = usage.ru_stime.seconds
            ended.outcome.peakMemory = peak(of: usage) * 1024
            reply(ended.outcome)
            return
        }
    }

    /// A command's peak memory, in kilobytes; 0 if that is not known: the system counts what this
    /// process had as a command's own, because the command begins as a copy of it.
    private mutating func peak(of usage: rusage) -> Int {
        // Its own is read again where it might have grown to that.
        if usage.ru_maxrss > ownPeak, usage.ru_maxrss < ownPeak + 8192 {
            ownPeak = ProcessTable.ownPeak ?? ownPeak
        }
        return usage.ru_maxrss > ownPeak ? usage.ru_maxrss : 0
    }

    /// Kills all processes that a command left behind. Afterwards this process has no descendants,
    /// and nothing writes to the command's files.
    private static func killAll(group: pid_t?) {
        if let group { kill(-group, SIGKILL) }
        while true {
            let process = waitpid(-1, nil, WNOHANG)
            if process < 0 { return }
            if process == 0 {
                // The children of killed processes become children of this process, so another
                // round is needed.
                killChildren()
                waitpid(-1, nil, 0)
            }
        }
    }

    private static func killChildren() {
        for process in ProcessTable.children(of: getpid()) { kill(process, SIGKILL) }
    }

    private func leave() -> Never {
        Self.killAll(group: child?.process)
        NodeScratch.remove(scratch)
        _exit(0)
    }
}

extension timeval {
    /// The nearest to whole microseconds, so that six decimals write it.
    fileprivate var seconds: Double { (Double(tv_sec) * 1e6 + Double(tv_usec)) / 1e6 }
}
