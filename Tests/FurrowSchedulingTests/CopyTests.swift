import FurrowSimulation
import FurrowSystem
import Testing

@testable import FurrowScheduling

/// Jobs that take long and run on a second worker as well.
@Suite struct CopyTests {
    /// Each worker has a job, and all but those of `busy` have ended.
    private func dispatcher(
        workers: Int,
        busy: Set<Int>,
        nodes: [Int] = []
    ) -> Dispatcher {
        var dispatcher = Dispatcher(workers: workers, schedule: .dynamic(chunk: 1))
        dispatcher.nodes = nodes
        dispatcher.handle(.generated(0..<workers))
        dispatcher.handle(.exhausted)
        while dispatcher.nextCommand() != nil {}
        for worker in 0..<workers where !busy.contains(worker) {
            dispatcher.handle(.completed(worker: worker, jobs: 1, seconds: 1))
        }
        #expect(dispatcher.nextCommand() == nil)
        return dispatcher
    }

    @Test func anIdleWorkerOnAnotherNodeGetsTheCopy() {
        var dispatcher = dispatcher(workers: 4, busy: [1], nodes: [0, 0, 0, 3])
        #expect(dispatcher.hasSpareWorker)
        #expect(dispatcher.soleJob(of: 1) == 1)
        dispatcher.handle(.straggles(worker: 1))
        #expect(dispatcher.nextCommand() == .copy(worker: 3, job: 1, from: 1))
        #expect(dispatcher.nextCommand() == nil)
        // One copy of a job is enough.
        #expect(dispatcher.soleJob(of: 1) == nil)
        dispatcher.handle(.straggles(worker: 1))
        #expect(dispatcher.nextCommand() == nil)
    }

    @Test(arguments: [(1, 0), (0, 1)])
    func theFirstToEndCounts(first: Int, second: Int) {
        var dispatcher = dispatcher(workers: 2, busy: [1])
        dispatcher.handle(.straggles(worker: 1))
        #expect(dispatcher.nextCommand() == .copy(worker: 0, job: 1, from: 1))
        // Reports say, too, which job runs.
        dispatcher.handle(.completed(worker: 0, jobs: 0, seconds: 0))
        #expect(dispatcher.nextCommand() == nil)
        dispatcher.handle(.completed(worker: first, jobs: 1, seconds: 1))
        #expect(dispatcher.isLate(second))
        #expect(dispatcher.nextCommand() == .revoke(worker: second, job: 1))
        #expect(dispatcher.nextCommand() == nil, "the other has not answered")
        dispatcher.handle(.revoked(worker: second))
        #expect(dispatcher.nextCommand() == .proceed)
    }

    @Test func aFailureDoesNotCountWhileTheOtherRuns() {
        var dispatcher = dispatcher(workers: 2, busy: [1])
        dispatcher.handle(.straggles(worker: 1))
        _ = dispatcher.nextCommand()
        #expect(dispatcher.hasOtherCopy(0) && dispatcher.hasOtherCopy(1))
        dispatcher.handle(.revoked(worker: 0))
        #expect(!dispatcher.hasOtherCopy(1))
        // Worker 0 would fail it again.
        #expect(dispatcher.soleJob(of: 1) == nil)
        #expect(dispatcher.nextCommand() == nil)
        dispatcher.handle(.completed(worker: 1, jobs: 1, seconds: 1))
        #expect(dispatcher.nextCommand() == .proceed)
    }

    @Test func theWorkerThatARetryAvoidsGetsNoCopy() {
        var dispatcher = dispatcher(workers: 2, busy: [1])
        dispatcher.handle(.completed(worker: 1, jobs: 1, seconds: 1))
        dispatcher.handle(.postponed(jobs: 1))
        dispatcher.handle(.retried(job: 0, avoiding: 0))
        #expect(dispatcher.nextCommand() == .deal(worker: 1, 0..<1))
        dispatcher.handle(.straggles(worker: 1))
        #expect(dispatcher.nextCommand() == nil)
    }

    @Test func bothMayEndAtOnce() {
        var dispatcher = dispatcher(workers: 2, busy: [1])
        dispatcher.handle(.straggles(worker: 1))
        _ = dispatcher.nextCommand()
        dispatcher.handle(.completed(worker: 0, jobs: 1, seconds: 1))
        #expect(dispatcher.isLate(1) && !dispatcher.isLate(0))
        dispatcher.handle(.completed(worker: 1, jobs: 1, seconds: 1))
        #expect(!dispatcher.isLate(1))
        #expect(dispatcher.nextCommand() == .revoke(worker: 1, job: 1))
        #expect(dispatcher.nextCommand() == .proceed)
    }

    @Test(arguments: [0, 1])
    func aCopyOutlivesAWorker(dead: Int) {
        var dispatcher = dispatcher(workers: 3, busy: [1])
        dispatcher.handle(.straggles(worker: 1))
        _ = dispatcher.nextCommand()
        dispatcher.handle(.lost(worker: dead))
        #expect(dispatcher.nextCommand() == nil, "the other one has it")
        // It may have another copy.
        let other = 1 - dead
        dispatcher.handle(.straggles(worker: other))
        #expect(dispatcher.nextCommand() == .copy(worker: 2, job: 1, from: other))
        dispatcher.handle(.lost(worker: 2))
        dispatcher.handle(.lost(worker: other))
        #expect(dispatcher.dropped == 0)
        #expect(dispatcher.nextCommand() == nil, "nobody is left to have it")
    }

    @Test func aWorkerThatIsSuspendedGivesItsCopyBack() {
        var dispatcher = dispatcher(workers: 3, busy: [1])
        dispatcher.handle(.straggles(worker: 1))
        _ = dispatcher.nextCommand()
        dispatcher.handle(.suspended(worker: 0))
        #expect(dispatcher.nextCommand() == .recall(worker: 0))
        dispatcher.handle(.returned(worker: 0, jobs: 1))
        #expect(dispatcher.nextCommand() == nil, "worker 1 has it")
        dispatcher.handle(.completed(worker: 1, jobs: 1, seconds: 1))
        #expect(dispatcher.nextCommand() == .proceed)
    }

    @Test func aStoppedStageCountsTheJobOnce() {
        var dispatcher = dispatcher(workers: 2, busy: [1])
        dispatcher.handle(.straggles(worker: 1))
        _ = dispatcher.nextCommand()
        dispatcher.handle(.stop(.finish))
        // The copy had not begun.
        dispatcher.handle(.stopped(worker: 0))
        dispatcher.handle(.completed(worker: 1, jobs: 1, seconds: 1))
        dispatcher.handle(.stopped(worker: 1))
        #expect(dispatcher.dropped == 0)
        while let command = dispatcher.nextCommand() {
            if case .revoke = command { Issue.record("worker 0 has nothing") }
        }
    }

    @Test func jobsThatWaitComeFirst() {
        var dispatcher = Dispatcher(workers: 2, schedule: .dynamic(chunk: 1))
        dispatcher.handle(.generated(0..<3))
        #expect(!dispatcher.hasSpareWorker)
        dispatcher.handle(.exhausted)
        while dispatcher.nextCommand() != nil {}
        dispatcher.handle(.completed(worker: 0, jobs: 1, seconds: 1))
        while dispatcher.nextCommand() != nil {}
        #expect(dispatcher.soleJob(of: 1) == 1)
        // Worker 0 has the third.
        #expect(!dispatcher.hasSpareWorker)
    }

    /// Slow workers, deaths and a stop at random instants.
    @Test(arguments: 0..<300)
    func everyJobEndsOnce(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let workers = Int.random(in: 2...6, using: &random)
        let times = random.logNormal(Int.random(in: 1...40, using: &random), median: 1, sigma: 1)
        var cluster = VirtualCluster(
            workers: workers,
            schedule: .dynamic(chunk: nil),
            times: times,
            seed: seed
        )
        cluster.patience = 2
        let dies = seed % 3 == 1 && workers > 2
        if seed % 2 == 0, !dies {
            // A broken worker fails everything; jobs are retried elsewhere.
            let broken = Int.random(in: 0..<workers, using: &random)
            cluster.fails = { _, worker, attempt in worker == broken && attempt < 4 }
            cluster.retryDelay = 0.5
        }
        cluster.slowness[Int.random(in: 0..<workers, using: &random)] = 50
        if dies { cluster.lose(0, at: Double.random(in: 0...8, using: &random)) }
        let stops = seed % 3 == 2
        if stops {
            let mode = [StopMode.finish, .abort].randomElement(using: &random) ?? .finish
            cluster.stops = [(Int.random(in: 5...200, using: &random), mode)]
        }
        cluster.run()
        #expect(cluster.tally.proceeds == 1)
        #expect(cluster.tally.commandsAfterProceed == 0)
        #expect(cluster.tally.eventsAfterProceed == 0)
        #expect(cluster.tally.dealtAtProceed == 0)
        if !stops {
            #expect(cluster.tally.ran == times.count)
            #expect(cluster.tally.counted == times.count)
        }
        #expect(cluster.tally.repeated <= cluster.tally.copies)
    }

    /// One of twenty workers is fifty times as slow.
    @Test func aSlowWorkerDoesNotHoldTheStage() {
        var random = SeededRandom(seed: 5)
        let times = random.logNormal(400, median: 1, sigma: 0.3)
        func run(patience: Double?) -> VirtualCluster.Tally {
            var cluster = VirtualCluster(
                workers: 20,
                schedule: .dynamic(chunk: nil),
                times: times
            )
            cluster.slowness[7] = 50
            cluster.patience = patience
            cluster.run()
            return cluster.tally
        }
        let (without, with) = (run(patience: nil), run(patience: 5))
        #expect(without.end > 45)
        #expect(with.end < 32)
        #expect(with.copies == 1 && with.givenUp == 1)
        #expect(with.ran == times.count)
    }
}
