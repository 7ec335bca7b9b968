import Glibc

/// A point in time by the clock of `ContinuousClock`, which nobody sets and which goes on while the
/// machine is suspended, for what is done for each job or at each look at the network.
///
/// The compiler does not know how large a `ContinuousClock.Instant` is, and copies whatever holds one
/// by calls of the runtime: with it the smallest jobs would take a fifth longer.
package struct MonotonicTime: Sendable, Comparable {
    @usableFromInline package let nanoseconds: Int

    @inlinable package init(nanoseconds: Int) { self.nanoseconds = nanoseconds }

    /// The same point in time.
    package init(_ instant: ContinuousClock.Instant) {
        self = .now + (instant - .now)
    }

    /// Now.
    @inlinable package static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return MonotonicTime(nanoseconds: time.tv_sec * 1_000_000_000 + time.tv_nsec)
    }

    @inlinable package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The time from one point to another; the longest that there is, at most.
    @inlinable package static func - (end: MonotonicTime, start: MonotonicTime) -> Duration {
        let (time, overflow) = end.nanoseconds.subtractingReportingOverflow(start.nanoseconds)
        return .nanoseconds(overflow ? (end < start ? .min : .max) : time)
    }

    /// The point so long after another; if there is none, the last that there is.
    package static func + (start: MonotonicTime, time: Duration) -> MonotonicTime {
        let (sum, overflow) = start.nanoseconds.addingReportingOverflow(time.nanoseconds)
        return MonotonicTime(nanoseconds: overflow ? (sum < 0 ? .max : .min) : sum)
    }

    /// The point so long before another; if there is none, the first that there is.
    package static func - (end: MonotonicTime, time: Duration) -> MonotonicTime {
        end + (.zero - time)
    }
}
