import Glibc

/// How a command ended.
package struct ProcessOutcome: Sendable, Hashable, Codable {
    /// The ways in which it can.
    package enum End: Sendable, Hashable, Codable {
        /// It left with this status.
        case exited(Int32)
        /// A signal of this number ended it.
        case signalled(Int32)
        /// It could not be started, for this reason.
        case notStarted(String)
        /// The process that starts commands was killed, and so was what this one had started.
        case lost
    }

    /// How it ended.
    package var end: End
    /// Whether it was told to end because it took too long.
    package var timedOut = false
    /// Whether it was told to end because the stage was stopped.
    package var stopped = false
    /// Whether it was ended because it wrote too much.
    package var overflowed = false
    /// Whether it could not be started for want of processes, memory or descriptors.
    var isShortage = false
    /// Whether its files have got the names that were asked for.
    var isNamed = false
    /// The processor time it and its children took, in seconds.
    package var userTime = 0.0
    /// The processor time the system took for them, in seconds.
    package var systemTime = 0.0
    /// The most memory that one of its processes had resident, in bytes; 0 if that is less than the
    /// supervisor itself has, some 20 megabytes, and so not known.
    package var peakMemory = 0

    /// Whether it ended as programs do that the system ends for want of memory, itself or, as a
    /// shell tells it, what it had started.
    var mayLackMemory: Bool {
        guard !timedOut, !stopped, !overflowed else { return false }
        return end == .signalled(SIGKILL) || end == .exited(128 + SIGKILL)
    }
}
