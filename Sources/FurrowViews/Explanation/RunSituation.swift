package import Foundation
package import FurrowRuns
import FurrowSystem

/// Why a run does what it does: why jobs wait, or why none will run.
package struct RunSituation: Sendable {
    /// Rank 0 writes its state every second; after so many it is late.
    private static let late = 15.0

    /// `running`, `killed`, or the state in the record.
    package var state: String
    /// The run's directory.
    package var directory: String
    /// What happens to the other jobs when one fails.
    package var onFailure = ""
    /// How many workers there are.
    package var workers = 1
    /// What rank 0 last knew.
    package var last: RunState?
    /// The stages that have not begun.
    package var waitingStages: [String] = []
    /// How many jobs have not ended, of all stages; `nil` if unknown.
    package var left: Int?
    /// Whether it is of an application in Swift.
    package var isTyped = false
    /// Its exit status, if it has ended.
    package var status: Int32?
    /// The numbers of the jobs that the last start was told to leave out.
    package var skipped: [Int] = []
    /// The workers that were taken out.
    package var removed: [RemovedWorker] = []
    /// SLURM's state of the job, for a run that waits to start.
    package var slurm: String?
    /// Seconds since 1970.
    package var now = Date().timeIntervalSince1970

    /// - Parameters:
    ///   - state: `running`, `killed`, or the state in the record.
    ///   - directory: the run's directory.
    package init(state: String, directory: String) {
        self.state = state
        self.directory = directory
    }

    /// The reasons, a sentence each; none if all is as one would expect.
    package var reasons: [String] {
        let reasons =
            switch RunRecord.State(rawValue: state) {
            case .submitted: [submitted]
            case .running: running
            case .succeeded: [] as [String]
            case .failed: ended("the run failed") + [stopped, resume].compactMap { $0 }
            case .interrupted:
                ended(
                    status ?? ExitStatus.interrupted.rawValue == ExitStatus.interrupted.rawValue
                        ? "a signal or the time limit ended the run early"
                        : "the death of a rank ended the run early"
                ) + [resume].compactMap { $0 }
            case nil: ended("the run was killed") + [resume].compactMap { $0 }
            }
        return reasons + leftOut + removed.map(\.description)
    }

    private var leftOut: [String] {
        guard !skipped.isEmpty else { return [] }
        let jobs = skipped.map { "\($0)" }.listed(most: 8)
        return ["--skip leaves out \(skipped.count == 1 ? "job" : "jobs") \(jobs)"]
    }

    private var submitted: String {
        guard let slurm else {
            return
                "the run was submitted, and SLURM does not know its job: it was cancelled, or ended "
                + "before the run began; 'sbatch \(RunLayout(directory).batchScript)' submits it again"
        }
        return "the run has not started: SLURM says \(slurm)"
    }

    private func ended(_ what: String) -> [String] {
        guard let left else { return [what] }
        return left == 0 ? [] : ["\(what), and \(Self.jobs(left)) not succeeded"]
    }

    /// Why jobs were left, where a failure decides it.
    private var stopped: String? {
        guard left.map({ $0 > 0 }) ?? true, onFailure == "abort" || onFailure == "finish" else {
            return nil
        }
        return
            "with --on-failure \(onFailure) no job starts after a failure; --on-failure continue "
            + "runs all"
    }

    private var resume: String? {
        guard left != 0 else { return nil }
        let place = ShellQuoting.quoted(directory)
        return isTyped
            ? "the program, started again with --run-dir \(place) --resume, runs them"
            : "'furrow run --resume \(place)' runs them"
    }

    private static func jobs(_ count: Int) -> String {
        count == 1 ? "1 job has" : "\(count) jobs have"
    }

    private var running: [String] {
        guard let last else {
            return [
                "the run starts: no stage has begun, or the journal of an earlier start is read"
            ]
        }
        var reasons: [String] = []
        if now - last.updated > Self.late {
            reasons.append(
                "rank 0 has written nothing for \(Quantity.time(seconds: now - last.updated)): it "
                    + "hangs, its node is gone, or the file system is slow"
            )
        }
        let busy = last.running.count
        let idle = max(0, workers - removed.count - busy)
        let waiting = last.total.map { max(0, $0 - last.counts.done - busy) }
        if last.isStopping == true {
            reasons.append("the stage stops: no new job starts, and \(busy) still run")
        } else if waiting == 0 {
            reasons.append(
                busy == 0
                    ? "all jobs of stage '\(last.stage)' have ended: results are gathered and saved"
                    : "no job of stage '\(last.stage)' is left to start: the last \(busy) run"
            )
        } else if idle == 0 {
            let what = waiting.map(Self.waiting) ?? "the others wait"
            let all = workers - removed.count
            let who = all == 1 ? "the worker is busy" : "all \(all) workers are busy"
            reasons.append("\(who): \(what) for a free one")
        } else {
            reasons.append(idleReason(last, idle))
        }
        if !waitingStages.isEmpty {
            let names = waitingStages.map { "'\($0)'" }.joined(separator: ", ")
            reasons.append(
                "stage \(names) begins when all jobs of stage '\(last.stage)' have succeeded"
            )
        }
        return reasons
    }

    private static func waiting(_ count: Int) -> String {
        count == 1 ? "1 job waits" : "\(count) jobs wait"
    }

    /// Why workers have no job although some are left.
    private func idleReason(_ last: RunState, _ idle: Int) -> String {
        let who = idle == 1 ? "1 worker has no job" : "\(idle) workers have no job"
        if let limit = last.limit, limit - now < (last.jobSeconds ?? 0) {
            return "\(who): the time limit is too near for another job, which takes about "
                + Quantity.time(seconds: last.jobSeconds ?? 0)
        }
        if let made = last.made, made <= last.counts.done - last.counts.kept + last.running.count {
            return "\(who): the generator has made no further job yet"
        }
        return "\(who) that lasts: jobs shorter than a tenth of a second do not show"
    }
}
