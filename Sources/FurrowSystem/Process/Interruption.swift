import Glibc
import Synchronization

/// The signals that ask a run to end early and in order: SIGUSR1, SIGINT and SIGTERM, at whichever
/// rank they arrive. mpirun hands SIGUSR1 on to every rank; at SIGINT and SIGTERM it gives its
/// ranks about a second.
///
/// The handler only notes the signal, for the loops to find at their next look, at most 5 ms later.
/// A signal that comes within ``echo`` of the one before is the same: a launcher hands on what its
/// process group got already.
/// A third signal ends the process as if nobody had caught it: whoever sends it does not want to
/// wait for what a second could not hasten.
package enum Interruption {
    /// The signals.
    package static let signals = [SIGUSR1, SIGINT, SIGTERM]

    private static let first = Atomic<Int32>(0)
    private static let count = Atomic<Int>(0)
    /// When the last one arrived, in nanoseconds of the monotonic clock.
    private static let last = Atomic<Int64>(.min / 2)
    /// How close together two signals are that count as one, in nanoseconds.
    private static let echo: Int64 = 300_000_000

    /// Catches the signals from now on. A reader that leaves early, as `head` does, is no reason to
    /// end either: what is written to it is lost, and the run goes on.
    package static func install() {
        // Touched once before the handler may: the first use of a static initialises it.
        _ = (first.load(ordering: .relaxed), count.load(ordering: .relaxed))
        _ = (last.load(ordering: .relaxed), echo)
        // Not ignored: programs that this one starts would inherit that.
        Glibc.signal(SIGPIPE) { _ in }
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { signal in
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            let now = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
            let before = Interruption.last.exchange(now, ordering: .relaxed)
            guard now - before > Interruption.echo else { return }
            let number = Interruption.count.add(1, ordering: .relaxed).newValue
            _ = Interruption.first.compareExchange(
                expected: 0,
                desired: signal,
                ordering: .relaxed
            )
            if number >= 3, signal != SIGUSR1 {
                Glibc.signal(signal, SIG_DFL)
                raise(signal)
            }
        }
        action.sa_flags = SA_RESTART
        for signal in signals { sigaction(signal, &action, nil) }
    }

    /// The first that arrived at this rank, if one has.
    package static var signal: Int32? {
        let signal = first.load(ordering: .relaxed)
        return signal == 0 ? nil : signal
    }

    /// Whether somebody asked again: running jobs are then cancelled at once.
    package static var isUrgent: Bool { count.load(ordering: .relaxed) > 1 }

    /// Why a stage ends early.
    package enum Reason: Sendable, Equatable, CustomStringConvertible {
        case signal(Int32)
        /// What has not begun would not end within the time that there is.
        case timeLimit

        /// As people call it.
        package var description: String {
            switch self {
            case .signal(SIGUSR1): "by SIGUSR1"
            case .signal(SIGINT): "by SIGINT"
            case .signal(SIGTERM): "by SIGTERM"
            case .signal(let number): "by signal \(number)"
            case .timeLimit: "before its time limit"
            }
        }
    }
}
