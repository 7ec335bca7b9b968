import FurrowRuns
import FurrowSweeps
import FurrowSystem
import FurrowViews

/// Why nothing, or not this job, runs: the report of `furrow explain`.
package struct RunExplanation {
    private let stages: RecordedStages
    private var situation: RunSituation

    /// - Parameter directory: the run's directory.
    /// - Throws: if it has no run, or the run cannot be read.
    package init(of directory: String) throws {
        stages = try RecordedStages(of: directory, keepsAttempts: true)
        situation = try RunSituation(of: stages)
    }

    /// Adds SLURM's state of a run that has not started.
    package mutating func askSlurm() async {
        guard situation.state == RunRecord.State.submitted.rawValue,
            let job = Submission.job(of: stages.run.directory)
        else { return }
        situation.slurm = await SlurmState.of(job)
    }

    /// What there is to say about the run.
    package var text: String {
        let reasons = situation.reasons
        let lines = reasons.isEmpty ? ["all jobs have ended; nothing waits"] : reasons
        return lines.joined(separator: "\n")
    }

    /// What there is to say about a job.
    ///
    /// - Parameters:
    ///   - job: its number, from 1.
    ///   - stage: its stage; `nil`: the last.
    /// - Throws: ``Furrow/UsageError`` if there is no such job.
    package func text(of job: Int, stage: String?) throws -> String {
        let facts = try RunFacts(stages.run, stages.planned)
        let stage = try stages.stage(stage)
        let lines = try JobSituation(facts, situation).reasons(of: job, in: stage)
        return (["job \(job) of stage '\(stage.label)':"] + lines.map { "  \($0)" })
            .joined(separator: "\n")
    }
}

extension RunSituation {
    /// The situation of a run as its directory has it.
    init(of stages: RecordedStages) throws {
        let directory = stages.run.directory
        let record = stages.run.record
        let isOwned = RunLock.owner(of: directory) != nil
        let recorded = record?.state ?? .running
        let isKilled = recorded == .running && !isOwned
        self.init(
            state: isKilled
                ? "killed" : isOwned ? RunRecord.State.running.rawValue : recorded.rawValue,
            directory: directory
        )
        onFailure = record?.onFailure ?? ""
        workers = max(1, (record?.ranks.count ?? 2) - 1)
        last = isOwned ? try RunState(of: directory) : nil
        let counts = try stages.all.map(stages.counts)
        // A resumed run also runs the jobs again that failed.
        let lefts = counts.map { counts in counts.left.map { $0 + (isOwned ? 0 : counts.failed) } }
        left = lefts.contains(nil) ? nil : lefts.compactMap { $0 }.reduce(0, +)
        let begun = stages.all.lastIndex { $0.name == last?.stage } ?? 0
        waitingStages = last == nil ? [] : stages.all.dropFirst(begun + 1).map(\.label)
    }
}
