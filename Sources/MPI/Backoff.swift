/// How long to sleep between two looks at the network, so that an idle rank costs next to no time.
///
/// Open MPI's blocking calls spin at 100 % of a core. Polling every 5 ms costs 0.6 % of a core,
/// every 1 ms 3 %. So a wait spins for 100 µs, in which most answers of a busy run come, and then
/// sleeps a sixteenth of the time already waited, at most 5 ms: a wait is never more than about
/// 6 % longer than it had to be.
public struct Backoff: Sendable {
    /// How long a wait spins before it sleeps.
    public static let spin = Duration.microseconds(100)
    /// The longest sleep.
    public static let longest = Duration.milliseconds(5)

    private var start = ContinuousClock.now

    /// A wait that begins now.
    public init() {}

    /// Begins the wait anew, after something happened.
    public mutating func reset() { start = ContinuousClock.now }

    /// What to sleep before the next look, zero while the wait is still to spin.
    public func pause(now: ContinuousClock.Instant = .now) -> Duration {
        let waited = now - start
        return waited < Self.spin ? .zero : min(waited / 16, Self.longest)
    }
}
