import Glibc

/// A point in time by the clock that nobody sets, for what is done for each job.
///
/// The compiler does not know how large a `ContinuousClock.Instant` is, and copies whatever holds one
/// by calls of the runtime: with it the smallest jobs would take a fifth longer.
struct MonotonicTime: Sendable {
    private let nanoseconds: Int

    /// Now.
    static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: time.tv_sec * 1_000_000_000 + time.tv_nsec)
    }

    static func - (end: MonotonicTime, start: MonotonicTime) -> Duration {
        .nanoseconds(end.nanoseconds - start.nanoseconds)
    }
}
