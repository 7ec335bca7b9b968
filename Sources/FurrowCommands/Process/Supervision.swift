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
package struct Supervision {
    /// The first argument of a supervisor's command line.
    static let argument = "supervise"
    /// The third argument, if commands are bound to the cores of the rank.
    static let bound = "bound"

    /// The descriptor of the socket.
    static let socket: Int32 = 3

    private var inbox = Frame.Inbox<SupervisorRequest>()
    private var spawner = Spawner()
    private var command: SupervisedCommand?
    private let scratch: String
    /// The most memory that this process had resident, in kilobytes, as last read.
    private var ownPeak = ProcessTable.ownPeak ?? 0

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
        ChildEnds.open()
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

    private init(scratch: String) { self.scratch = scratch }

    private mutating func serve() -> Never {
        // What ends before this has started no command.
        reply(nil)
        while true {
            var descriptors = [Self.socket, ChildEnds.descriptor].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            let deadline = command?.nextDeadline
            let left = deadline.map { max(0, ContinuousClock.now.duration(to: $0).nanoseconds) }
            // Rounded up, so that a deadline has passed when the poll ends.
            let pause = left.map { Int32(clamping: $0 / 1_000_000 + 1) } ?? -1
            if poll(&descriptors, 2, pause) > 0 {
                if descriptors[1].revents != 0 {
                    ChildEnds.drain()
                    reap()
                }
                if descriptors[0].revents != 0 { readRequests() }
            }
            // Files with a new name are not written over by the next command.
            if command?.meetDeadlines() == true { spawner.forgetFiles() }
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
            if let request { start(request) } else { command?.stop() }
        }
        if !isOpen { leave() }
    }

    private mutating func start(_ request: ProcessRequest) {
        switch spawner.start(request) {
        case .success(let process):
            command = SupervisedCommand(process, request)
            MemoryShortage.offer(process)
        case .failure(let problem):
            var outcome = ProcessOutcome(end: .notStarted(problem.description))
            outcome.isShortage = problem.isShortage
            reply(outcome)
        }
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

    private mutating func reap() {
        var status: Int32 = 0
        var usage = rusage()
        while true {
            let process = wait4(-1, &status, WNOHANG, &usage)
            guard process > 0 else { return }
            guard var outcome = command?.outcome, process == command?.process else { continue }
            command = nil
            Descendants.killAll(group: process)
            outcome.end =
                status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F)
            outcome.userTime = usage.ru_utime.seconds
            outcome.systemTime = usage.ru_stime.seconds
            outcome.peakMemory = peak(of: usage) * 1024
            reply(outcome)
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

    private func leave() -> Never {
        Descendants.killAll(group: command?.process)
        NodeScratch.remove(scratch)
        _exit(0)
    }
}

extension timeval {
    /// The nearest to whole microseconds, so that six decimals write it.
    fileprivate var seconds: Double { (Double(tv_sec) * 1e6 + Double(tv_usec)) / 1e6 }
}
