package import FurrowScheduling
package import FurrowSystem

/// A policy on virtual time, in seconds since the start of the stage.
package struct VirtualStop {
    /// An action, and when it was to be taken.
    package struct Entry: Equatable, CustomStringConvertible {
        package var action: StopPolicy.Action
        package var at: Double
        package var description: String { "\(action) at \(at)" }

        package init(action: StopPolicy.Action, at: Double) {
            self.action = action
            self.at = at
        }
    }

    /// What virtual times count from.
    package static let start = MonotonicTime.now

    /// What decides.
    package private(set) var policy: StopPolicy
    /// What it decided.
    package private(set) var log: [Entry] = []

    /// - Parameters:
    ///   - grace: how long jobs have to end, in seconds.
    ///   - lastMoment: when the stage must be over; `nil`: never.
    ///   - runsJobs: whether jobs run where the policy is heeded.
    package init(grace: Double, lastMoment: Double? = nil, runsJobs: Bool = true) {
        policy = StopPolicy(
            grace: .seconds(grace),
            lastMoment: lastMoment.map { Self.instant($0) },
            runsJobs: runsJobs
        )
    }

    /// The instant of a virtual time.
    package static func instant(_ seconds: Double) -> StopPolicy.Instant {
        start + .seconds(seconds)
    }

    /// When something is due.
    package var next: Double? { policy.nextInstant.map { ($0 - Self.start).seconds } }

    /// Goes on to an instant.
    package mutating func advance(to now: Double) {
        policy.advance(to: Self.instant(now))
        take(now)
    }

    /// Hears of an event.
    package mutating func handle(_ event: StopPolicy.Event, at now: Double) {
        policy.handle(event, at: Self.instant(now))
        take(now)
    }

    private mutating func take(_ now: Double) {
        while let action = policy.nextAction() { log.append(Entry(action: action, at: now)) }
    }
}
