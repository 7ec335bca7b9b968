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
        let isDone = situation.state == RunRecord.State.succeeded.rawValue || situation.left == 0
        let first = isDone ? ["all jobs have ended; nothing waits"] : []
        return (first + situation.reasons).joined(separator: "\n")
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
        let run = stages.run
        try self.init(
            of: run,
            isRunning: RunLock.owner(of: run.directory) != nil,
            stages.all,
            stages.all.map(stages.counts)
        )
    }
}
