import FurrowSystem
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

    /// The signal that ended it or, as a shell tells it, what it had started; `nil` if the signal
    /// was the supervisor's.
    var foreignSignal: Int32? {
        guard !timedOut, !stopped, !overflowed else { return nil }
        return switch end {
        case .signalled(let signal): signal
        case .exited(let status) where status > 128: status - 128
        case .exited, .notStarted, .lost: nil
        }
    }

    /// Whether it ended because the stage or the whole run was told to.
    ///
    /// SLURM signals the commands together with their ranks: that is no failure of theirs, whether
    /// they are ended by the signal or leave in order. A command that took too long or wrote too
    /// much has failed all the same.
    ///
    /// - Parameter isFailed: whether its end, by itself, is a failure.
    func wasCancelled(isFailed: Bool) async -> Bool {
        if timedOut { return false }
        if stopped, Task.isCancelled { return true }
        guard isFailed, !overflowed else { return false }
        if Interruption.hasArrived(SIGTERM) || Interruption.hasArrived(SIGINT) { return true }
        guard let signal = foreignSignal else { return false }
        return await Interruption.arrives(signal)
    }
}
