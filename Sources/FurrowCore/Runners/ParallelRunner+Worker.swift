import FurrowDevices
import FurrowRuns
import FurrowScheduling
import FurrowSystem
import MPI

/// The part of a stage on a rank that runs jobs.
extension ParallelRunner {
    @MPIActor
    func runAsWorker(
        _ world: Communicator,
        _ identity: StageIdentity,
        on device: Device?
    ) async throws -> StageFailure? {
        let wakeup =
            options.isolation == .none ? Mailbox<Never>() : JobProcesses.wakeup
        var dealt: [UInt8] = []
        if options.schedule.isStatic {
            try world.barrier()
            dealt = try world.scatterBlocks([], limit: options.messageLimit)
        }
        let queue = jobs(of: identity, on: world, device, waking: wakeup)
        var start = 0
        while start < dealt.count { queue.add(JobFrames(reading: dealt, at: &start)) }
        var loop = WorkerLoop(
            channel: Channel(
                world,
                limit: min(options.messageLimit, Channel.survivableLimit)
            ),
            queue: queue,
            wakeup: wakeup,
            options: options,
            workers: nJobs ?? world.size - 1
        )
        let lost = try loop.run()
        if !lost.isEmpty { try world.continueWithout(lost) }
        let problem = await queue.close()
        let totals = queue.totals
        _ = try settle(
            world,
            [totals.succeeded, totals.failed, totals.cancelled, totals.abandoned].map(Int64.init),
            problem
        )
        _ = try world.gatherBlocks(queue.takeResults(), limit: options.messageLimit)
        return try StageFailure(encoded: try world.broadcast([]))
    }

    /// A worker's jobs, here, in a process of their own, or there as long as they are not tiny.
    @MPIActor
    private func jobs(
        of identity: StageIdentity,
        on world: Communicator,
        _ device: Device?,
        waking wakeup: Mailbox<Never>
    ) -> any WorkerJobs {
        let taskID = world.rank - 1
        // What was scattered stays where it is.
        let movesRetries =
            options.retries > 0 && !options.schedule.isStatic && nJobs ?? world.size - 1 > 1
        let quarantine = options.onFailure == .continue ? options.quarantine : nil
        func ownQueue() -> WorkerQueue<Generator.Work> {
            let screen = Screen()
            let executor = JobExecutor(
                stage: identity,
                taskID: taskID,
                rank: world.rank,
                host: world.host,
                device: device,
                options: options,
                movesRetries: movesRetries
            ) { text in
                screen.append(text)
                wakeup.wake()
            }
            return WorkerQueue<Generator.Work>(
                executor: executor,
                screen: screen,
                waking: wakeup,
                quarantine: quarantine,
                movesRetries: movesRetries
            )
        }
        guard options.isolation != .none else { return ownQueue() }
        let process = JobProcessQueue<Generator.Work>(
            identity,
            options,
            StageStart(
                taskID: taskID,
                rank: world.rank,
                host: world.host,
                device: device,
                movesRetries: movesRetries,
                quarantine: quarantine
            )
        )
        // Recording a job takes longer than passing it on.
        return options.journal == nil && options.movesTinyJobs(Generator.Work.self)
            ? AutoIsolationQueue(process, ownQueue) : process
    }
}
