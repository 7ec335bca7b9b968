import Glibc

/// Reports the ends of this process's children through a pipe, to which the handler of SIGCHLD
/// writes.
///
/// The classic `ppoll` with SIGCHLD unblocked is not enough: Swift's runtime has its own threads,
/// the signal may go to one of them, and the poll keeps sleeping (seen in one of four
/// cancellations).
enum ChildEnds {
    /// Both ends of the pipe. Constants, because a signal handler cannot use variables.
    static let descriptor: Int32 = 4
    private static let signalled: Int32 = 5

    /// Opens the pipe under its numbers and installs the handler.
    static func open() {
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0, "a supervisor has descriptors left")
        // The ends may already have these numbers, or each the other's.
        let writing = fcntl(ends[1], F_DUPFD, signalled + 1)
        dup2(ends[0], descriptor)
        dup2(writing, signalled)
        for descriptor in ends + [writing] where descriptor > signalled { close(descriptor) }
        for descriptor in [descriptor, signalled] {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        }
        signal(SIGCHLD) { _ in
            let code = errno
            var byte: UInt8 = 0
            // A full pipe wakes as well.
            _ = write(ChildEnds.signalled, &byte, 1)
            errno = code
        }
    }

    /// Empties the pipe, before the children are asked for.
    static func drain() {
        var bytes: UInt64 = 0
        while read(descriptor, &bytes, 8) > 0 {}
    }
}
