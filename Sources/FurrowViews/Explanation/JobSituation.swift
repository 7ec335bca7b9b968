import Foundation
package import FurrowRuns
package import FurrowSystem

/// Why a job is where it is: what became of its attempts, or why it has not started.
package struct JobSituation {
    private let facts: RunFacts
    private let run: RunSituation

    /// - Parameters:
    ///   - facts: the run.
    ///   - situation: why the run does what it does.
    package init(_ facts: RunFacts, _ situation: RunSituation) {
        self.facts = facts
        run = situation
    }

    /// What there is to say about a job, a sentence each.
    ///
    /// - Parameters:
    ///   - job: its number, from 1.
    ///   - stage: its stage.
    /// - Throws: ``UsageError`` if the stage has no such job.
    package func reasons(of job: Int, in stage: JournalIndex.Stage) throws(UsageError) -> [String] {
        guard let place = facts.stages.firstIndex(where: { $0.stage == stage }) else {
            throw UsageError("there is no stage '\(stage.label)'")
        }
        if let total = facts.stages[place].plan.total, !(1...max(1, total) ~= job) || total == 0 {
            throw UsageError("there is no job \(job) in stage '\(stage.label)': it has \(total)")
        }
        let recorded = facts.attempts.filter { $0.stage == place && $0.job == job }
        let attempts = recorded.filter { !$0.isFormer }
        return situation(of: job, place, attempts) + former(recorded.count - attempts.count)
    }

    private func former(_ attempts: Int) -> [String] {
        guard attempts > 0 else { return [] }
        return [
            "not shown: \(attempts == 1 ? "1 attempt" : "\(attempts) attempts") under this number at "
                + "a job that was changed or removed since"
        ]
    }

    private func situation(of job: Int, _ place: Int, _ attempts: [Attempt]) -> [String] {
        var lines = attempts.map(describe)
        // Of two copies one is cancelled, perhaps the one that began last.
        let success = attempts.last { $0.state == .succeeded }
        guard let last = success ?? attempts.last else { return lines + notStarted(job, place) }
        switch last.state {
        case .succeeded, .running: break
        case .lost:
            lines.append("its end is not known, so it counts as not run; a resumed run runs it")
        case .cancelled:
            lines.append("it was cancelled because the stage was stopped")
            lines += run.reasons
        case .failed:
            // The worker that made the last attempt has no other job.
            let isHeld =
                facts.last?.stage == facts.stages[place].stage.name
                && facts.last?.running.contains { $0.job == job } == true
            if facts.isRunning, isHeld {
                lines.append("its next attempt runs, or waits for --retry-delay")
            } else if run.skipped.contains(job) {
                lines.append("--skip left it out in this start; a resumed run runs it again")
            } else {
                lines.append("it is not tried again in this start; a resumed run runs it again")
            }
        }
        return lines
    }

    private func describe(_ attempt: Attempt) -> String {
        let worker = facts.workers[attempt.worker]
        let place = "\(worker.name) on \(worker.host)"
        let time = Quantity.time(seconds: attempt.seconds)
        let number = attempt.attempt > 1 ? "attempt \(attempt.attempt)" : "it"
        return switch attempt.state {
        case .running: "\(number) runs as \(place) for \(time)"
        case .lost: "\(number) ran as \(place) for \(time) when the run was killed"
        case .succeeded, .failed, .cancelled:
            "\(number) \(attempt.state == .cancelled ? "was " : "")\(attempt.state.name) as "
                + "\(place) after \(time)"
        }
    }

    private func notStarted(_ job: Int, _ place: Int) -> [String] {
        if run.skipped.contains(job) { return ["--skip left it out"] }
        let begun = facts.reader.index.stages
        let stage = facts.stages[place].stage
        let isCurrent = facts.last?.stage == stage.name
        if !begun.contains(stage), !isCurrent, place > 0, facts.isRunning {
            let before = facts.stages[place - 1].stage.label
            return [
                "it has not started: stage '\(stage.label)' begins when all jobs of stage "
                    + "'\(before)' have succeeded"
            ]
        }
        var known = Set(facts.attempts.filter { $0.stage == place && !$0.isFormer }.map(\.job))
        known = known.filter { $0 < job }
        let before = job - 1 - known.count
        let queue =
            before == 0
            ? "it is the next" : before == 1 ? "1 job is before it" : "\(before) jobs are before it"
        return ["it has not started\(facts.isRunning ? ": \(queue)" : "")"] + run.reasons
    }
}
