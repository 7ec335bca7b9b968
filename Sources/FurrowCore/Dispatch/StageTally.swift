import FurrowRuns
import FurrowSystem

/// Rank 0's counts of a stage's jobs, when none of them runs any more.
struct StageTally: Sendable {
    var stage: String
    var counts = StageFailure.Counts()
    var failures: [JobFailure] = []
    /// What stopped the stage, if it was not a job.
    var cause: (StageFailure.Cause, String)?
    /// Why the stage ended early, if it can be resumed.
    var interruption: Interruption.Reason?
    /// Whether the generator made all its jobs.
    var isExhausted = true
    /// Workers that were taken out.
    var removed: [RemovedWorker] = []
    private var keptFailures = 0
    /// How many failures of the workers' do not count, since their jobs were tried on other ones;
    /// less those that no worker has counted.
    private var retracted = 0
    /// Those of ranks that died, which cannot say how many there were.
    private var ofLost = StageFailure.Counts()
    /// The second ends of jobs that ran on two workers.
    private var again = StageFailure.Counts()
    /// How many results died with their ranks.
    private(set) var lacking = 0

    init(stage: String) {
        self.stage = stage
    }

    /// The counts of this run alone, in the workers' order.
    var fresh: [Int] {
        [
            counts.succeeded + again.succeeded - ofLost.succeeded,
            counts.failed + again.failed - keptFailures + retracted - ofLost.failed,
            counts.cancelled + again.cancelled - ofLost.cancelled,
            counts.abandoned + again.abandoned - ofLost.abandoned,
        ]
    }

    /// Goes on without a worker.
    ///
    /// - Parameters:
    ///   - heard: what it has reported.
    ///   - succeeded: how many more jobs had succeeded.
    ///   - failures: those of more jobs that had failed.
    ///   - lacking: how many results died with it.
    mutating func lose(
        _ heard: StageFailure.Counts,
        succeeded: Int,
        failures new: [JobFailure],
        lacking: Int
    ) {
        ofLost.add(heard)
        ofLost.succeeded += succeeded - lacking
        ofLost.failed += new.count
        counts.succeeded += succeeded - lacking
        counts.failed += new.count
        failures += new.prefix(StageFailure.detailLimit - failures.count)
        self.lacking += lacking
    }

    /// Adds the jobs that did not run again.
    mutating func keep(_ kept: (succeeded: Int, failed: Int)) {
        counts.kept = kept.succeeded
        counts.failed += kept.failed - keptFailures
        keptFailures = kept.failed
    }

    /// Notes what stopped the stage; the first cause counts.
    mutating func blame(_ step: StageFailure.Cause, _ message: String) {
        if cause == nil { cause = (step, message) }
    }

    /// Takes back the failures of jobs that run on another worker.
    mutating func retract(_ jobs: [Int]) {
        counts.failed -= jobs.count
        retracted += jobs.count
        failures.removeAll { jobs.contains($0.index) }
    }

    /// Counts a job as failed of which its worker has said that it will run once more.
    mutating func fail(_ failure: JobFailure) {
        counts.failed += 1
        retracted -= 1
        failures += [failure].prefix(StageFailure.detailLimit - failures.count)
    }

    /// Notes the ends of jobs that had ended on another worker.
    mutating func repeated(_ ends: StageFailure.Counts) { again.add(ends) }

    mutating func add(_ report: Report) {
        counts.add(report.counts)
        if !report.failures.isEmpty {
            failures += report.failures.prefix(StageFailure.detailLimit - failures.count)
        }
    }

    /// Collects and saves the results (steps 6 and 7 of a stage). On rank 0.
    ///
    /// - Parameters:
    ///   - stage: the stage.
    ///   - ledger: knows the jobs that did not run again.
    ///   - options: the runner's options.
    ///   - results: makes the outputs, in job order, from those of earlier runs and its own, and
    ///     the failures of jobs whose results cannot be decoded.
    /// - Returns: the collected value, and why the stage failed, if it did.
    mutating func conclude<Work: Job>(
        _ type: Work.Type,
        _ stage: StageIdentity,
        _ ledger: StageLedger,
        _ options: RunOptions,
        results:
            @Sendable ([(number: Int, Work.Output)]) -> (
                outputs: [Work.Output], lost: [JobFailure]
            )
    ) async -> (collected: Work.Collected?, failure: StageFailure?) {
        var collected: Work.Collected?
        var problem: (cause: StageFailure.Cause, message: String)?
        do {
            keep(ledger.keptCounts)
            failures += try ledger.keptFailures().prefix(StageFailure.detailLimit - failures.count)
            // A sweep's jobs are known from its file.
            if isExhausted, !options.hasUniqueStage, let directory = options.journal?.directory {
                try ledger.changes?.write(in: directory)
            }
        } catch {
            problem = (.journal, message(of: error))
        }
        options.journal?.ends.note(counts, ledger.parameterNames, of: stage)
        options.journal?.ends.note(removed)
        // Nothing to decode, or to collect.
        let isBarren = counts.succeeded + counts.kept == 0 && hasFailed
        if problem == nil, !isBarren {
            let (outputs, lost) = results(ledger.takeKeptResults(Work.Output.self))
            lose(lost)
            if !hasFailed || counts.succeeded + counts.kept > 0 {
                var step = StageFailure.Cause.collect
                do {
                    let value = try await Work.collect(outputs)
                    collected = value
                    step = .save
                    try await Work.save(value, in: options.directory)
                } catch {
                    problem = (StageFailure.Cause(of: error, otherwise: step), message(of: error))
                }
            }
        }
        return (collected, failure(afterwards: problem, resumption: options.resumption))
    }

    private var hasFailed: Bool { counts.unsuccessful > 0 || cause != nil }

    /// Counts jobs as failed that had succeeded, and whose results cannot be decoded.
    private mutating func lose(_ lost: [JobFailure]) {
        counts.succeeded -= lost.count
        counts.failed += lost.count
        failures += lost.prefix(StageFailure.detailLimit - failures.count)
    }

    /// The first failure decides; a later one is added to its message.
    private func failure(
        afterwards problem: (cause: StageFailure.Cause, message: String)?,
        resumption: String
    ) -> StageFailure? {
        let isUnfinished = counts.notRun + counts.cancelled + counts.abandoned > 0 || !isExhausted
        let first: (cause: StageFailure.Cause, message: String)
        if let cause {
            first = cause
        } else if let interruption, isUnfinished {
            first = (.interrupted, "\(interruption); \(resumption)")
        } else if counts.unsuccessful > 0 {
            first = (.jobs, problem.map { "then \($0.cause.rawValue) failed: \($0.message)" } ?? "")
        } else if let problem {
            first = problem
        } else {
            return nil
        }
        return StageFailure(
            stage: stage,
            cause: first.cause,
            message: first.message,
            counts: counts,
            failures: failures.sorted { $0.index < $1.index }
        )
    }
}
