import FurrowRuns
import FurrowScheduling
import FurrowSystem
import Testing

@testable import FurrowCore

/// How the loops of a stage use a ``FurrowScheduling/StopPolicy``.
@Suite struct StopPolicyOfAStageTests {
    /// A failure that ends the stage near its limit stays the reason: by the failed job's own time the
    /// next would not have fitted either.
    @Test(arguments: [FailurePolicy.abort, .finish])
    func aFailureNearTheTimeLimitIsAFailure(policy: FailurePolicy) {
        var stop = StopPolicy(
            grace: .seconds(1),
            lastMoment: .now + .seconds(9),
            runsJobs: true
        )
        var times = JobTimes()
        times.record(jobs: 1, seconds: 30)
        var report = Report()
        report.counts.failed = 1
        stop.heed(report, policy, times)
        #expect(stop.reason == .failure)
        #expect(stop.interruption == nil)
        #expect(stop.nextAction() == (policy == .abort ? .cancel : .finish))
        // Under the third policy it is no reason, and the limit is.
        var other = StopPolicy(
            grace: .seconds(1),
            lastMoment: .now + .seconds(9),
            runsJobs: true
        )
        other.heed(report, .continue, times)
        #expect(other.interruption == .timeLimit)
        #expect(other.nextAction() == .finish)
    }

    @Test func whatCannotBeRecordedStopsAtOnce() {
        var stop = StopPolicy(grace: .seconds(1), runsJobs: false)
        var report = Report()
        report.counts.failed = 1
        report.fault = RankProblem(.journal, "the disk is full")
        stop.heed(report, .continue, JobTimes())
        #expect(stop.reason == .fault)
        #expect(stop.nextAction() == .cancel)
    }

    @Test func aLoopSleepsNoLongerThanUntilSomethingIsDue() {
        var stop = StopPolicy(grace: .zero, lastMoment: .now + .seconds(60), runsJobs: true)
        #expect(stop.pause == .milliseconds(20))
        stop.handle(.expects(.seconds(61)), at: .now)
        #expect(!stop.mayStart)
        // Its grace is over.
        stop.handle(.signal(10), at: .now - .seconds(10))
        #expect(stop.pause == .zero)
    }
}
