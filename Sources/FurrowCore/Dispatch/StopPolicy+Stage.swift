import FurrowRuns
import FurrowScheduling
import FurrowSystem

/// What the loops that drive a ``StopPolicy`` have in common: they look at the clock, at this
/// process's signals and at what is reported of jobs.
extension StopPolicy {
    /// That of a stage.
    ///
    /// - Parameter runsJobs: whether the jobs run here, and not on other ranks.
    init(_ options: RunOptions, runsJobs: Bool) {
        self.init(grace: options.grace, lastMoment: options.lastMoment, runsJobs: runsJobs)
    }

    /// Takes the signals that arrived here into account, and the time.
    mutating func look() {
        if let signal = Interruption.signal {
            handle(.signal(signal, isRepeated: Interruption.isUrgent), at: .now)
        } else if nextInstant != nil {
            advance(to: .now)
        }
    }

    /// How long a loop may sleep that has nothing else to look after: no longer than until something
    /// happens, and not so long that a signal would seem to be ignored.
    var pause: Duration {
        let longest = Duration.milliseconds(20)
        guard let nextInstant else { return longest }
        return min(max(nextInstant - .now, .zero), longest)
    }

    /// Takes into account how jobs ended. A failure counts before what it says of jobs' times: it
    /// stays the reason when the next job would not fit either.
    ///
    /// - Parameters:
    ///   - report: tells how they ended.
    ///   - policy: what a failed job means for the others.
    ///   - times: how long jobs take, that of these included.
    mutating func heed(_ report: Report, _ policy: FailurePolicy, _ times: JobTimes) {
        if report.fault != nil {
            handle(.fault, at: .now)
        } else if report.counts.failed > 0 {
            handle(.jobFailed(policy.stopMode), at: .now)
        }
        if isTimed, report.jobs > 0, let expected = times.expected {
            handle(.expects(.seconds(expected)), at: .now)
        }
    }
}

extension FailurePolicy {
    /// How a failed job stops its stage; `nil`, if it does not.
    var stopMode: StopMode? {
        switch self {
        case .abort: .abort
        case .finish: .finish
        case .continue: nil
        }
    }
}
