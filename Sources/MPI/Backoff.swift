/// How long to sleep between two looks at the network, so that an idle rank costs next to no time.
///
/// Open MPI's blocking calls spin at 100 % of a core. Polling every 5 ms costs 0.6 % of a core,
/// every 1 ms 3 %. So a wait spins for 100 µs, in which most answers of a busy run come, and then
/// sleeps a sixteenth of the time already waited, at most 5 ms: a wait is never more than about
/// 6 % longer than it had to be. A wait while there is work on hand does not spin, unless the one
/// before it was short: with three ranks that run commands on two cores, the spinning took a
/// quarter of both.
package struct Backoff: Sendable {
    /// How long a wait spins before it sleeps.
    package static let spin = Duration.microseconds(100)
    /// The shortest sleep of a wait that can wait: a quarter of a batch of jobs.
    package static let shortestIdlePause = Duration.microseconds(500)
    /// The longest sleep.
    package static let longest = Duration.milliseconds(5)

    private var start = ContinuousClock.now
    private var wasShort = false

    /// A wait that begins now.
    package init() {}

    /// Begins the wait anew, after something happened.
    package mutating func reset() {
        let now = ContinuousClock.now
        wasShort = now - start < Self.spin
        start = now
    }

    /// What to sleep before the next look, zero while the wait is still to spin.
    ///
    /// - Parameter isUrgent: whether this rank, or one that it serves, has nothing else to do.
    package func pause(isUrgent: Bool = true, now: ContinuousClock.Instant = .now) -> Duration {
        let waited = now - start
        let spins = isUrgent || wasShort
        if spins, waited < Self.spin { return .zero }
        let pause = min(waited / 16, Self.longest)
        return spins ? pause : max(pause, Self.shortestIdlePause)
    }
}
