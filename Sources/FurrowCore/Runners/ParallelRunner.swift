import FurrowDevices
import FurrowRuns
import FurrowScheduling
import FurrowSystem
import MPI

/// Runs a generator's jobs on the ranks of an MPI launch.
///
/// Rank 0 generates, deals and collects. Ranks 1 … n−1 are the workers; a worker's task id is its
/// rank − 1. Every rank runs the same program and calls ``run(_:after:)``. Every rank returns, or
/// every rank throws the same `ParallelExecutionError`. With one rank the jobs run serially.
public struct ParallelRunner<Generator: JobGenerator>: GeneratorRunner {
    let generator: Generator
    private(set) var given: RunOptions
    var nJobs: Int? { options.nJobs }
    var isolation: Isolation { given.isolation }

    /// - Parameters:
    ///   - generator: makes the jobs; used on rank 0.
    ///   - nJobs: how many of the n−1 workers take jobs; `nil`: the number in the options.
    ///   - options: the runner's options, the same on every rank.
    public init(_ generator: Generator, nJobs: Int? = nil, options: RunOptions = RunOptions()) {
        self.generator = generator
        given = options
        given.nJobs = nJobs ?? options.nJobs
    }

    /// The runner of other jobs made from these, with other options.
    func replacing<Other: JobGenerator>(
        _ other: (Generator) -> Other,
        _ change: (inout RunOptions) -> Void
    ) -> ParallelRunner<Other> {
        var options = given
        change(&options)
        return ParallelRunner<Other>(other(generator), options: options)
    }

    /// Whether a job may run again that has succeeded, because its rank has died.
    var canRepeatJobs: Bool { options.onLoss == .continue }

    /// Runs the stage. Collective.
    ///
    /// - Throws: `ParallelExecutionError`, the same on every rank; `MPIError` if MPI itself
    ///   fails; the rank should then call `MPISession.abort(_:)`.
    public func run(
        _ arguments: Generator.Arguments?,
        after previous: Generator.Previous?
    ) async throws -> Generator.Work.Collected? {
        try await runCollectively(arguments, after: previous)
    }

    @MPIActor
    private func runCollectively(
        _ arguments: Generator.Arguments?,
        after previous: Generator.Previous?
    ) async throws -> Generator.Work.Collected? {
        RankLink.install()
        let world = try MPISession.start()
        if let link = RankLink.current {
            let identity = options.nextStage(stage, of: Generator.Work.self)
            let failure = try await link.runStage(Generator.Work.self, identity, options)
            if let failure { throw ParallelExecutionError(failure: failure) }
            return nil
        }
        return try await JobProcesses.stage(stage, options.isolation, world) {
            try await runOnRank(world, arguments, after: previous)
        }
    }

    @MPIActor
    private func runOnRank(
        _ world: Communicator,
        _ arguments: Generator.Arguments?,
        after previous: Generator.Previous?
    ) async throws -> Generator.Work.Collected? {
        try checkWorkers(world)
        try RankLinks.make(world)
        let placement = try world.place(options)
        let identity = options.nextStage(stage, of: Generator.Work.self)
        let end: (collected: Generator.Work.Collected?, failure: StageFailure?)
        if world.size == 1 {
            guard let arguments, let previous else { return nil }
            StandardError.write("\(stage): one rank, so the jobs run serially")
            end = await SerialRunner(generator, options: options).run(
                from: arguments,
                after: previous,
                as: identity
            )
        } else if world.rank == 0 {
            guard let arguments, let previous else {
                preconditionFailure("rank 0 was given no arguments for stage '\(stage)'")
            }
            world.warn(of: placement)
            end = try await runAsRoot(world, identity, arguments, previous)
        } else {
            end = (nil, try await runAsWorker(world, identity, on: placement.device))
        }
        if let failure = end.failure { throw ParallelExecutionError(failure: failure) }
        return end.collected
    }

    /// Every rank knows the size, so all throw the same error without a message.
    @MPIActor
    private func checkWorkers(_ world: Communicator) throws {
        guard let nJobs else { return }
        let most = max(1, world.size - 1)
        guard 1...most ~= nJobs else {
            throw ParallelExecutionError(
                failure: StageFailure(
                    stage: stage,
                    cause: .usage,
                    message:
                        "--jobs must be from 1 to \(most) on \(world.size) ranks, but is \(nJobs); "
                        + "start one rank more than workers"
                )
            )
        }
    }

    @MPIActor
    private func runAsRoot(
        _ world: Communicator,
        _ identity: StageIdentity,
        _ arguments: Generator.Arguments,
        _ previous: Generator.Previous
    ) async throws -> (Generator.Work.Collected?, StageFailure?) {
        let wakeup = Mailbox<Never>()
        let phases = options.journal?.phases
        var moment = StateFile.now
        func note(_ phase: RunPhases.Phase.Name) {
            let label = JournalIndex.Stage(name: identity.name, occurrence: identity.occurrence)
                .label
            moment = phases?.note(phase, of: label, since: moment) ?? moment
        }
        var dispatcher = Dispatcher(
            workers: nJobs ?? world.size - 1,
            schedule: options.schedule
        )
        dispatcher.nodes = RankLinks.nodes
        // Those that died in an earlier stage.
        for worker in 0..<dispatcher.count where !world.members.contains(worker + 1) {
            dispatcher.handle(.lost(worker: worker))
        }
        var policy = StopPolicy(options, runsJobs: false)
        let feed = JobFeed(waking: wakeup, isBounded: !options.schedule.isStatic)
        var ledger = StageLedger(stage: identity, index: nil)
        var total: Int?
        do {
            ledger = try StageLedger(stage: identity, options)
            total = try generator.count(from: arguments, after: previous)
            _ = feed.run(generator, from: arguments, after: previous, into: ledger)
        } catch {
            feed.close(
                .failed(StageFailure.Cause(of: error, otherwise: .generator), message(of: error))
            )
        }
        var losses = Losses(
            RankLinks.watch,
            generator,
            ledger,
            options,
            workers: world.size - 1,
            earlier: world.size - world.members.count
        )
        if case .static(let chunk) = options.schedule {
            var jobs = JobFrames(first: 0)
            if feed.fill(until: &policy) {
                jobs = feed.take().0
                let kept = ledger.keptCounts
                total = jobs.count + kept.succeeded + kept.failed + ledger.leftOut
            }
            try world.barrier()
            try scatter(jobs, chunk, world, &dispatcher, &losses)
        }
        note(.prepare)
        var loop = RootLoop(
            world: world,
            feed: feed,
            wakeup: wakeup,
            options: options,
            dispatcher: dispatcher,
            policy: policy,
            monitor: StageMonitor(
                stage,
                total: total,
                workers: world.size - 1,
                ledger: ledger,
                options: options
            ),
            losses: losses
        )
        var tally = try loop.run()
        feed.cancel()
        note(.deal)
        let (totals, problem) = try settle(world, [0, 0, 0, 0], nil)
        try checkTotals(totals, tally.fresh)
        if let problem, tally.cause == nil { tally.cause = (problem.cause, problem.message) }
        let blocks = try world.gatherBlocks([], limit: options.messageLimit)
        note(.gather)
        let end = await tally.conclude(Generator.Work.self, identity, ledger, options) {
            let coding = Generator.Work.outputCoding
            let (outputs, lost) = ResultStore.decode(coding, from: blocks, with: $0)
            return (outputs, lost.map { JobFailure($0) })
        }
        note(.collect)
        _ = try world.broadcast(try end.failure?.encoded() ?? [])
        return end
    }

    /// Adds up every worker's counts, and tells every rank about a problem on any of them.
    /// Collective: from here on all ranks wait for each other, so a rank that threw an error alone
    /// would leave the others waiting.
    @MPIActor
    func settle(
        _ world: Communicator,
        _ counts: [Int64],
        _ own: RankProblem?
    ) throws -> (totals: [Int64], problem: RankProblem?) {
        // A journal's last sync may be slow, so the waiting ranks sleep.
        if options.journal != nil { try world.barrier() }
        var totals = try world.sum(counts + [own == nil ? 0 : 1])
        let hasProblem = totals.removeLast() > 0
        return (totals, hasProblem ? try world.join(own) : nil)
    }

    /// Checks that rank 0's counts equal the workers'; otherwise a report was lost.
    private func checkTotals(_ totals: [Int64], _ heard: [Int]) throws {
        guard totals == heard.map(Int64.init) else {
            throw MPIError(
                function: "MPI_Allreduce",
                text: "the workers counted \(totals) jobs, rank 0 heard of \(heard)"
            )
        }
    }

    @MPIActor
    private func scatter(
        _ frames: JobFrames,
        _ chunk: Int?,
        _ world: Communicator,
        _ dispatcher: inout Dispatcher,
        _ losses: inout Losses
    ) throws {
        var rest = frames
        var blocks = [[UInt8]](repeating: [], count: world.members.count)
        // A rank's place among the members is its place among the blocks.
        let workers = world.members.filter { 1...dispatcher.count ~= $0 }
        let plan = Schedule.blocks(jobs: frames.count, workers: workers.count, chunk: chunk)
        let ordered = plan.enumerated()
            .flatMap { worker, ranges in ranges.map { (worker, $0) } }
            .sorted { $0.1.lowerBound < $1.1.lowerBound }
        for (place, jobs) in ordered {
            let piece = rest.popFirst(jobs.count)
            let worker = workers[place] - 1
            blocks[place + 1] += piece.message
            losses.dealt.deal(piece, to: worker)
            dispatcher.handle(.assigned(worker: worker, jobs))
        }
        _ = try world.scatterBlocks(blocks, limit: options.messageLimit)
    }
}
