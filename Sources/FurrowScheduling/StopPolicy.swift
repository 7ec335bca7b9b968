package import FurrowSystem

/// Decides when a stage ends early, and how: a state machine without MPI and without a clock, like
/// ``Dispatcher``.
///
/// Events go in with the time at which they happen; actions come out of ``nextAction()``, each one
/// once. A stopped stage starts no more jobs (``Action/finish``). Running jobs are cancelled
/// (``Action/cancel``) at once after an error of the run itself, a second signal, or a failure
/// under the policy `abort`. After a first signal they are cancelled when the grace period ends,
/// and in any case at the last moment that the time limit allows. Jobs still running a grace period
/// after they were cancelled are abandoned.
///
/// Rank 0, each worker and a serial stage have one each. A worker's policy only follows rank 0's.
package struct StopPolicy: Sendable {
    package typealias Instant = MonotonicTime

    package enum Event: Sendable, Equatable {
        /// A signal asks the run to end. Several ranks may report the same one.
        ///
        /// `isRepeated`: a second signal came, so running jobs are not waited for.
        case signal(Int32, isRepeated: Bool = false)
        /// A job failed, which stops the stage in this way; `nil`: the stage goes on.
        case jobFailed(StopMode?)
        /// An error of the run, not of a job: in the generator or the journal.
        case fault
        /// Rank 0 orders the stage to stop.
        case ordered(StopMode)
        /// The longest time a job should take, judging by those that ended.
        case expects(Duration)
        /// No job runs, and none will start.
        case ended
    }

    package enum Action: Sendable, Equatable {
        /// Start no more jobs; running ones may end.
        case finish
        /// Start no more jobs, and cancel running ones.
        case cancel
        /// Continue without the jobs that still run here.
        case abandon
        /// Stop waiting for ranks that do not answer.
        case giveUp
    }

    /// Why a stage was stopped.
    package enum Reason: Sendable, Equatable {
        case interruption(Interruption.Reason)
        case failure
        case fault
        /// Rank 0 ordered it.
        case request
    }

    /// Extra time after the grace period, for a killed job's end to reach us.
    package static let killMargin = Duration.seconds(1)
    /// How long a rank may be silent after the grace period before the run is given up.
    package static let patience = Duration.seconds(10)

    private let grace: Duration
    private let lastMoment: Instant?
    private let runsJobs: Bool
    private var expected = Duration.zero
    private var mode: StopMode?
    /// When jobs that a signal left running are cancelled.
    private var drainEnd: Instant?
    /// When cancelled jobs, or silent ranks, are not waited for any longer.
    private var waitEnd: Instant?
    private var hasEnded = false
    private var actions: [Action] = []

    /// Why the stage was stopped; the first reason counts.
    package private(set) var reason: Reason?

    /// - Parameters:
    ///   - grace: how long running jobs may take to end after a signal, and again after they are
    ///     cancelled.
    ///   - lastMoment: when running jobs are cancelled in any case. A job starts only if it is
    ///     expected to end before.
    ///   - runsJobs: whether jobs run here, and can be abandoned. Otherwise they run on other
    ///     ranks, which can be given up.
    package init(grace: Duration, lastMoment: Instant? = nil, runsJobs: Bool) {
        self.grace = grace
        self.lastMoment = lastMoment
        self.runsJobs = runsJobs
    }

    /// Whether jobs may still start.
    package var mayStart: Bool { mode == nil && !hasEnded }

    /// Whether the run has a time limit.
    package var isTimed: Bool { lastMoment != nil }

    /// Why the stage ended early, if not because of an error.
    package var interruption: Interruption.Reason? {
        if case .interruption(let reason) = reason { reason } else { nil }
    }

    /// When the next action is due if no event comes first; `nil` for never.
    package var nextInstant: Instant? {
        guard !hasEnded else { return nil }
        return switch mode {
        case nil: lastMoment.map { $0 - expected }
        case .finish: cancellation
        case .abort: waitEnd
        }
    }

    private var cancellation: Instant? { [drainEnd, lastMoment].compactMap { $0 }.min() }

    /// Handles an event, and moves the time on.
    package mutating func handle(_ event: Event, at now: Instant) {
        guard !hasEnded else { return }
        switch event {
        case .signal(let signal, let isRepeated):
            // A later signal may shorten the time that a time limit or a failure has left.
            if drainEnd == nil { drainEnd = now + grace }
            stop(isRepeated ? .abort : .finish, for: .interruption(.signal(signal)), at: now)
        case .jobFailed(let mode):
            if let mode { stop(mode, for: .failure, at: now) }
        case .fault:
            stop(.abort, for: .fault, at: now)
        case .ordered(let mode):
            stop(mode, for: .request, at: now)
        case .expects(let duration):
            expected = duration
        case .ended:
            hasEnded = true
            actions = []
        }
        advance(to: now)
    }

    /// Moves the time on.
    package mutating func advance(to now: Instant) {
        guard !hasEnded else { return }
        if mode == nil, let lastMoment, now + expected >= lastMoment {
            stop(.finish, for: .interruption(.timeLimit), at: now)
        }
        if mode == .finish, let reason, let cancellation, now >= cancellation {
            stop(.abort, for: reason, at: now)
        }
        if mode == .abort, let waitEnd, now >= waitEnd {
            self.waitEnd = nil
            actions.append(runsJobs ? .abandon : .giveUp)
        }
    }

    /// The next action, or `nil` until the next event.
    package mutating func nextAction() -> Action? {
        actions.isEmpty ? nil : actions.removeFirst()
    }

    private mutating func stop(_ mode: StopMode, for reason: Reason, at now: Instant) {
        if self.reason == nil { self.reason = reason }
        guard self.mode != .abort, self.mode != mode else { return }
        self.mode = mode
        switch mode {
        case .finish:
            actions.append(.finish)
        case .abort:
            actions.append(.cancel)
            waitEnd = now + grace + (runsJobs ? Self.killMargin : Self.patience)
        }
    }
}
