import FurrowRuns
import FurrowScheduling
import FurrowSystem

/// Shared by the loops that drive a ``StopPolicy``: they check the clock, this process's signals
/// and the reports about jobs.
extension StopPolicy {
    /// The policy of a stage.
    ///
    /// - Parameter runsJobs: whether the jobs run here, and not on other ranks.
    init(_ options: RunOptions, runsJobs: Bool) {
        self.init(grace: options.grace, lastMoment: options.lastMoment, runsJobs: runsJobs)
    }

    /// Handles signals that arrived here, and moves the time on.
    mutating func look() {
        if let signal = Interruption.signal {
            handle(.signal(signal, isRepeated: Interruption.isUrgent), at: .now)
        } else if nextInstant != nil {
            advance(to: .now)
        }
    }

    /// How long an otherwise idle loop may sleep: until the next action, but not so long that a
    /// signal seems to be ignored.
    var pause: Duration {
        let longest = Duration.milliseconds(20)
        guard let nextInstant else { return longest }
        return min(max(nextInstant - .now, .zero), longest)
    }

    /// Handles a report. A failure comes before the jobs' times, so that it stays the reason even
    /// if the next job would not fit either.
    ///
    /// - Parameters:
    ///   - report: how jobs ended.
    ///   - policy: what a failed job means for the others.
    ///   - times: the times of all jobs so far, these included.
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
    /// How a failed job stops its stage; `nil` if it does not.
    var stopMode: StopMode? {
        switch self {
        case .abort: .abort
        case .finish: .finish
        case .continue: nil
        }
    }
}
