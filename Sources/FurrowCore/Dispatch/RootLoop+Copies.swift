import FurrowScheduling
import FurrowSystem
import MPI

/// Jobs that take several times as long as the others, near the end of a stage.
extension RootLoop {
    /// How many times as long as 95 % of the jobs one must have run to get a copy, and how long at
    /// least, in seconds: below that a second start is no gain.
    private static let factor = 3.0
    private static let least = 1.0

    /// Lets an idle worker run the job as well that has run longest, if it has run too long.
    mutating func copyStragglers() {
        guard policy.mayStart, .now >= nextLook, let expected = monitor.jobTimes.expected else {
            return
        }
        nextLook = .now + .milliseconds(100)
        let limit = max(Self.least, Self.factor * expected)
        if let worker = dispatcher.straggler(after: limit, time: monitor.time) {
            dispatcher.handle(.straggles(worker: worker))
        }
    }

    mutating func copy(_ job: Int, to worker: Int, from holder: Int) throws {
        guard let frames = losses.dealt.first(of: holder), frames.first == job else {
            preconditionFailure("rank 0 copies job \(job), which worker \(holder) does not have")
        }
        try deal(frames, to: worker)
    }

    /// Leaves a job out of account whose end here is of no concern.
    mutating func forgetCopy(_ report: Report, on worker: Int) throws {
        precondition(report.jobs == 1, "a worker with one job reports \(report.jobs)")
        monitor.repeated(report.counts, on: worker)
        losses.dealt.complete(1, of: worker)
        dispatcher.handle(.revoked(worker: worker))
        let rest = report.withoutJobs
        monitor.add(rest, from: worker)
        policy.heed(rest, options.onFailure, monitor.jobTimes)
        // It waits to be told who was to blame.
        if report.problem != nil { try channel.send([], to: worker + 1, .resume) }
    }
}
