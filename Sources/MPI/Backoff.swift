import Glibc

/// How long to sleep between two checks of the network, so that an idle rank uses almost no time.
///
/// Open MPI's blocking calls spin at 100 % of a core. Polling costs 0.6 % of a core every 5 ms, and
/// 3 % every 1 ms. So a wait spins for 100 µs, within which most answers of a busy run arrive. Then
/// it sleeps a sixteenth of the time already waited, at most 5 ms: a wait is at most about 6 %
/// longer than necessary. A rank that has work to do does not spin, unless its last wait was short:
/// with three ranks running commands on two cores, spinning took a quarter of both.
package struct Backoff: Sendable {
    /// How long a wait spins before it sleeps.
    package static let spin = Duration.microseconds(100)
    /// The shortest pause while this rank still has work: a quarter of a 2 ms batch.
    package static let shortestIdlePause = Duration.microseconds(500)
    /// The longest sleep.
    package static let longest = Duration.milliseconds(5)

    /// In nanoseconds of a clock that nobody sets. The compiler does not know how large a
    /// `ContinuousClock.Instant` is: a loop that has one makes calls of the runtime at each turn.
    private var start = Self.now
    private var wasShort = false

    /// Begins a wait now.
    package init() {}

    /// Restarts the wait after something happened.
    package mutating func reset() {
        let now = Self.now
        wasShort = .nanoseconds(now - start) < Self.spin
        start = now
    }

    /// How long to sleep before the next check; zero while the wait spins.
    ///
    /// - Parameter isUrgent: whether this rank, or one that depends on it, has nothing else to do.
    package func pause(isUrgent: Bool = true) -> Duration {
        let waited = Duration.nanoseconds(Self.now - start)
        let spins = isUrgent || wasShort
        if spins, waited < Self.spin { return .zero }
        let pause = min(waited / 16, Self.longest)
        return spins ? pause : max(pause, Self.shortestIdlePause)
    }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
