import FurrowDevices
import FurrowRuns
import FurrowScheduling
import FurrowSystem

/// Runs the jobs of one stage one after the other.
///
/// One task runs the generator, and each job as soon as it is made. Another task watches it: it
/// handles signals and the time limit, cancels the first task and, if that has no effect, lets the
/// stage continue without it.
struct SerialStage<Generator: JobGenerator>: Sendable {
    typealias Work = Generator.Work

    /// The outcome of the jobs.
    struct End: Sendable {
        var tally: StageTally
        var ledger: StageLedger
        var outputs: [(number: Int, Work.Output)] = []
    }

    private let generator: Generator
    private let stage: StageIdentity
    private let options: RunOptions

    init(_ generator: Generator, stage: StageIdentity, options: RunOptions) {
        self.generator = generator
        self.stage = stage
        self.options = options
    }

    func run(from arguments: Generator.Arguments, after previous: Generator.Previous) async -> End {
        var end = End(
            tally: StageTally(stage: stage.name),
            ledger: StageLedger(stage: stage, index: nil)
        )
        do {
            end.ledger = try StageLedger(stage: stage, options)
            let total = try generator.count(from: arguments, after: previous)
            let state = await SerialStageState<Work>(stage, total, end.ledger, options)
            let jobs = Task(priority: .jobs) { [self, ledger = end.ledger] in
                await runJobs(from: arguments, after: previous, into: ledger, state)
            }
            let watch = Task { try await state.watch(over: jobs) }
            // Does not wait for `jobs` itself, which may never end.
            await state.gate.wait()
            watch.cancel()
            await state.tearDown()
            (end.tally, end.outputs) = state.conclude()
        } catch {
            end.tally.blame(
                StageFailure.Cause(of: error, otherwise: .generator),
                message(of: error)
            )
        }
        return end
    }

    private func runJobs(
        from arguments: Generator.Arguments,
        after previous: Generator.Previous,
        into ledger: StageLedger,
        _ state: SerialStageState<Work>
    ) async {
        do {
            var isFirst = true
            // Those that failed in an earlier start of the run come last, as on several ranks.
            var failed: [(job: Work, ticket: JobTicket)] = []
            try await generator.generate(from: arguments, after: previous) { job in
                var isEntered = false
                do {
                    try state.checkStart()
                    isEntered = true
                    guard let ticket = try ledger.enter(job) else { return }
                    if isFirst {
                        isFirst = false
                        do {
                            try Work.coding.check(job, called: "its parameters")
                        } catch {
                            throw UncodableJob(number: ticket.number, error)
                        }
                    }
                    if ticket.hasFailed, failed.count < JobFeed.mostJobs {
                        failed.append((job, ticket))
                    } else {
                        try await state.run(job, ticket)
                    }
                } catch let error as CancellationError {
                    // Jobs behind a failed one that need not run again count too, as they do on
                    // several ranks.
                    guard state.hasFailed, ledger.hasRecords else { throw error }
                    if !isEntered { _ = try ledger.enter(job) }
                } catch let problem as UncodableJob {
                    try state.refuse(problem)
                }
            }
            for (job, ticket) in failed {
                try state.checkStart()
                try await state.run(job, ticket)
            }
            state.close(nil)
        } catch {
            state.close(error)
        }
    }
}
