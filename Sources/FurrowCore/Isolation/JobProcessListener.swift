import FurrowSystem
import Glibc
import MPI
import Synchronization

/// Listens, on a thread of its own, to the process of a rank's jobs: its bell, its standard error and
/// its end.
final class JobProcessListener: Sendable {
    private struct State: Sendable {
        var errors: [UInt8] = []
        var showsErrors = false
        var end: JobProcessEnd?
    }

    private let process: pid_t
    private let socket: OpenFile
    private let errors: OpenFile
    private let wakeup: Mailbox<Never>
    private let state = Mutex(State())

    /// - Parameters:
    ///   - process: the process, a child of this one.
    ///   - socket: its bell.
    ///   - errors: what the process writes to its standard error.
    ///   - wakeup: wakes the MPI thread.
    init(
        _ process: pid_t,
        socket: OpenFile,
        errors: OpenFile,
        waking wakeup: Mailbox<Never>
    ) throws(FileError) {
        self.process = process
        self.socket = socket
        self.errors = errors
        self.wakeup = wakeup
        let created = DetachedThread.start { self.listen() }
        guard created == 0 else {
            kill(process, SIGKILL)
            while waitpid(process, nil, 0) < 0, errno == EINTR {}
            throw FileError("a thread for the process of jobs", code: created)
        }
    }

    /// Lets the process look.
    func ring() { Bell.ring(socket.number) }

    var showsErrors: Bool {
        get { state.withLock { $0.showsErrors } }
        set { state.withLock { $0.showsErrors = newValue } }
    }

    var end: JobProcessEnd? { state.withLock { $0.end } }

    private func listen() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var polled = [
            pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors.number, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            guard poll(&polled, 2, -1) > 0 || errno == EINTR else { break }
            if polled[1].revents != 0, !takeErrors(&buffer) { polled[1].fd = -1 }
            if polled[0].revents != 0 {
                let count = recv(socket.number, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                if count == 0 || count < 0 && errno != EAGAIN && errno != EINTR { break }
                wakeup.wake()
            }
        }
        // It may have closed its end without ending.
        kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        // Not to its end: what a job has started may still hold it open.
        _ = fcntl(errors.number, F_SETFL, O_NONBLOCK)
        while takeErrors(&buffer) {}
        state.withLock { $0.end = JobProcessEnd(status: status, errors: $0.errors) }
        wakeup.wake()
    }

    /// - Returns: false at the end.
    private func takeErrors(_ buffer: inout [UInt8]) -> Bool {
        guard let count = try? errors.read(into: &buffer), count > 0 else { return false }
        let piece = buffer[..<count]
        let shows = state.withLock { state in
            state.errors = Array((state.errors + piece).suffix(JobProcessEnd.bytes))
            return state.showsErrors
        }
        if shows { try? OpenFile.standardError.write(Array(piece)) }
        return true
    }
}
