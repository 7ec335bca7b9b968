import FurrowRuns
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
        guard dispatcher.hasSpareWorker, policy.mayStart, .now >= nextLook,
            let expected = monitor.jobTimes.expected
        else { return }
        nextLook = .now + .milliseconds(100)
        let limit = max(Self.least, Self.factor * expected)
        let times = (0..<dispatcher.count).compactMap { worker -> (worker: Int, time: Double)? in
            guard dispatcher.soleJob(of: worker) != nil, let time = monitor.time(on: worker),
                time > limit
            else { return nil }
            return (worker, time)
        }
        guard let longest = times.max(by: { $0.time < $1.time }) else { return }
        dispatcher.handle(.straggles(worker: longest.worker))
    }

    mutating func copy(_ job: Int, to worker: Int, from holder: Int) throws {
        guard let frames = losses.dealt.first(of: holder), frames.first == job else {
            preconditionFailure("rank 0 copies job \(job), which worker \(holder) does not have")
        }
        losses.dealt.deal(frames, to: worker)
        try channel.send(frames.message, to: worker + 1, .deal)
    }

    /// Whether a worker reports a job that has ended on another one, or one that failed and may still
    /// succeed there.
    func isOfNoConcern(_ report: Report, of worker: Int) -> Bool {
        dispatcher.isLate(worker)
            || report.counts.succeeded == 0 && dispatcher.hasOtherCopy(worker)
    }

    /// Leaves such a job out of account.
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
