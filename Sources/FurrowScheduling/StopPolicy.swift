package import FurrowSystem

/// Decides when a stage ends early, and how: a state machine without MPI and without a clock, as
/// ``Dispatcher`` is one.
///
/// Events go in with the instant at which they happen, actions come out of ``nextAction()``, each of
/// them once. A stage that is stopped starts no more jobs (``Action/finish``). What still runs is
/// cancelled (``Action/cancel``): at once after a failure that asks for it, an error of the run itself
/// or a second signal; else a grace period after a signal; and in any case at the last moment that
/// the time limit leaves. What still runs a grace period after that is waited for no longer.
///
/// Rank 0, each worker and a serial stage have one each. A worker's only does what rank 0's says.
package struct StopPolicy: Sendable {
    package typealias Instant = ContinuousClock.Instant

    package enum Event: Sendable, Equatable {
        /// A signal asks the run to end. Several ranks may tell of the same one.
        ///
        /// `isRepeated`: somebody has asked again and does not want to wait for running jobs.
        case signal(Int32, isRepeated: Bool = false)
        /// A job failed, and that stops the stage so; `nil`: it does not.
        case jobFailed(StopMode?)
        /// An error that concerns the run and not a job: of the generator, of the journal.
        case fault
        /// Rank 0 stops the stage.
        case ordered(StopMode)
        /// By the times of those that ended, a job takes at most so long.
        case expects(Duration)
        /// Nothing runs any more, and nothing will.
        case ended
    }

    package enum Action: Sendable, Equatable {
        /// Start no more jobs; those that run may end.
        case finish
        /// Start no more jobs, and cancel those that run.
        case cancel
        /// Go on without the jobs that still run here.
        case abandon
        /// Wait no longer for the ranks that do not answer.
        case giveUp
    }

    /// What stopped a stage.
    package enum Reason: Sendable, Equatable {
        case interruption(Interruption.Reason)
        case failure
        case fault
        /// Rank 0 knows why.
        case request
    }

    /// How long after its grace period a job may take to end that was killed then.
    package static let killMargin = Duration.seconds(1)
    /// How long after the end of the grace period a rank may be silent before all is given up.
    package static let patience = Duration.seconds(10)

    private let grace: Duration
    private let lastMoment: Instant?
    private let runsJobs: Bool
    private var expected = Duration.zero
    private var mode: StopMode?
    /// When jobs that may still end after a signal are cancelled.
    private var drainEnd: Instant?
    /// When what was cancelled is waited for no longer.
    private var waitEnd: Instant?
    private var hasEnded = false
    private var actions: [Action] = []

    /// What stopped the stage: the first of all that did.
    package private(set) var reason: Reason?

    /// - Parameters:
    ///   - grace: how long running jobs may take to end after a signal, and again after they were
    ///     cancelled.
    ///   - lastMoment: when running jobs are cancelled whatever else happens, and by when a job must
    ///     be expected to end if it is to start.
    ///   - runsJobs: whether jobs run here, and can be abandoned. Else there are other ranks, which
    ///     can be given up.
    package init(grace: Duration, lastMoment: Instant? = nil, runsJobs: Bool) {
        self.grace = grace
        self.lastMoment = lastMoment
        self.runsJobs = runsJobs
    }

    /// Whether jobs may still start.
    package var mayStart: Bool { mode == nil && !hasEnded }

    /// Whether there is a time by which the run has to be over.
    package var isTimed: Bool { lastMoment != nil }

    /// What ended the stage early, where it was no error.
    package var interruption: Interruption.Reason? {
        if case .interruption(let reason) = reason { reason } else { nil }
    }

    /// When something happens next unless there is another event before; `nil` for never.
    package var nextInstant: Instant? {
        guard !hasEnded else { return nil }
        return switch mode {
        case nil: lastMoment.map { $0 - expected }
        case .finish: cancellation
        case .abort: waitEnd
        }
    }

    private var cancellation: Instant? { [drainEnd, lastMoment].compactMap { $0 }.min() }

    /// Takes an event into account, and the time.
    package mutating func handle(_ event: Event, at now: Instant) {
        guard !hasEnded else { return }
        switch event {
        case .signal(let signal, let isRepeated):
            // One that comes late may shorten what a time limit or a failure leaves.
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

    /// Takes the time into account.
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

    /// The next thing to do, or `nil` until the next event.
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
