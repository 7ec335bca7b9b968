import Glibc
import Synchronization

/// The signals that ask a run to end early and in order: SIGUSR1, SIGINT and SIGTERM, on any rank.
/// mpirun forwards SIGUSR1 to every rank; after SIGINT and SIGTERM it gives its ranks about a
/// second.
///
/// The handler only counts the signal; the loops see it at their next check, at most 5 ms later. A
/// signal within ``echo`` of one that counted does not count: a launcher forwards what its process
/// group has received already, perhaps as another signal. Nor does one that the rank's keeper hands
/// on, if the rank got it itself: both are in the process group that mpirun signals. A third signal
/// ends the process as if it had not been caught: the sender
/// is not willing to wait any longer.
package enum Interruption {
    /// The signals.
    package static let signals = [SIGUSR1, SIGINT, SIGTERM]

    private static let first = Atomic<Int32>(0)
    /// All that arrived, whether they counted or not: a bit each, by number.
    private static let received = Atomic<UInt64>(0)
    private static let count = Atomic<Int>(0)
    /// When the last one that counted arrived, in nanoseconds of the monotonic clock.
    private static let last = Atomic<Int64>(.min / 2)
    /// When the last one arrived from another process than the keeper.
    private static let lastDirect = Atomic<Int64>(.min / 2)
    /// How much later than the same signal the keeper may hand one on, in nanoseconds: on a busy
    /// machine it waits for its turn.
    private static let handing: Int64 = 10_000_000_000
    /// For how long further signals count as the same one, in nanoseconds.
    private static let echo: Int64 = 300_000_000

    /// Catches the signals from now on. A reader that leaves early, as `head` does, is no reason to
    /// end either: what is written to it is lost, and the run goes on.
    package static func install() {
        // Used here before the handler can: the first use of a static initialises it.
        _ = (first.load(ordering: .relaxed), count.load(ordering: .relaxed))
        _ = received.load(ordering: .relaxed)
        _ = (last.load(ordering: .relaxed), echo)
        _ = (lastDirect.load(ordering: .relaxed), handing)
        // Not ignored: programs that this one starts would inherit that.
        Glibc.signal(SIGPIPE) { _ in }
        var action = sigaction()
        action.__sigaction_handler.sa_sigaction = { signal, information, _ in
            Interruption.received.bitwiseOr(1 << UInt64(signal), ordering: .relaxed)
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            let now = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
            if let sender = information?.pointee._sifields._kill.si_pid,
                Keeper.handedOn(from: sender)
            {
                let direct = Interruption.lastDirect.load(ordering: .relaxed)
                guard now - direct > Interruption.handing else { return }
            } else {
                Interruption.lastDirect.store(now, ordering: .relaxed)
            }
            let before = Interruption.last.load(ordering: .relaxed)
            guard now - before > Interruption.echo else { return }
            Interruption.last.store(now, ordering: .relaxed)
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
        action.sa_flags = SA_RESTART | SA_SIGINFO
        for signal in signals { sigaction(signal, &action, nil) }
    }

    /// Lets the signals end this process again, as those of a command that only shows something.
    package static func remove() {
        for signal in signals { Glibc.signal(signal, SIG_DFL) }
    }

    /// The first signal that arrived on this rank, if any.
    package static var signal: Int32? {
        let signal = first.load(ordering: .relaxed)
        return signal == 0 ? nil : signal
    }

    /// How much later than a command its rank may get the signal that both are sent.
    private static let spread = Duration.seconds(1)

    /// Whether this process got a signal, one that counted or not.
    package static func hasArrived(_ signal: Int32) -> Bool {
        received.load(ordering: .relaxed) & 1 << UInt64(signal) != 0
    }

    /// Whether this process gets a signal too that ended one of its commands. SLURM signals the
    /// processes of a step one by one, and a command perhaps before its rank.
    ///
    /// - Returns: true as well if the task is cancelled while it waits.
    package static func arrives(_ signal: Int32) async -> Bool {
        guard signals.contains(signal) else { return false }
        let end = ContinuousClock.now + spread
        while !hasArrived(signal) {
            if Task.isCancelled { return true }
            guard ContinuousClock.now < end else { return false }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return true
    }

    /// Forgets the signals that arrived. For tests, which drain one stage after the other.
    package static func forget() {
        first.store(0, ordering: .relaxed)
        received.store(0, ordering: .relaxed)
        count.store(0, ordering: .relaxed)
        last.store(.min / 2, ordering: .relaxed)
    }

    /// Whether a second signal arrived: running jobs are then cancelled at once.
    package static var isUrgent: Bool { count.load(ordering: .relaxed) > 1 }

    /// Why a stage ends early.
    package enum Reason: Sendable, Equatable, CustomStringConvertible {
        case signal(Int32)
        /// The remaining jobs would not end before the time limit.
        case timeLimit

        /// For a message, for example `by SIGUSR1`.
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
