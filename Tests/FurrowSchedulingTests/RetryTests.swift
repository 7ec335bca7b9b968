import FurrowSimulation
import FurrowSystem
import Testing

@testable import FurrowScheduling

/// Jobs that failed and run once more.
@Suite struct RetryTests {
    private func dispatcher(workers: Int, jobs: Int) -> Dispatcher {
        var dispatcher = Dispatcher(workers: workers, schedule: .dynamic(chunk: 1))
        dispatcher.handle(.generated(0..<jobs))
        dispatcher.handle(.exhausted)
        while dispatcher.nextCommand() != nil {}
        return dispatcher
    }

    /// All that is dealt now.
    private func deals(_ dispatcher: inout Dispatcher) -> [Int: [Int]] {
        var deals: [Int: [Int]] = [:]
        while let command = dispatcher.nextCommand() {
            if case .deal(let worker, let jobs) = command { deals[worker, default: []] += jobs }
        }
        return deals
    }

    @Test func anotherWorkerHasTheNextAttempt() {
        var dispatcher = dispatcher(workers: 3, jobs: 3)
        for worker in 0..<3 {
            dispatcher.handle(.completed(worker: worker, jobs: 1, seconds: 1))
            if worker == 0 { dispatcher.handle(.postponed(jobs: 1)) }
        }
        #expect(dispatcher.nextCommand() == nil, "it waits for the retry")
        dispatcher.handle(.retried(job: 0, avoiding: 0))
        #expect(deals(&dispatcher) == [1: [0]])
        dispatcher.handle(.completed(worker: 1, jobs: 1, seconds: 1))
        #expect(dispatcher.nextCommand() == .proceed)
    }

    @Test func anotherNodeIsBetterThanAnotherWorker() {
        var dispatcher = dispatcher(workers: 4, jobs: 4)
        dispatcher.nodes = [0, 0, 2, 2]
        for worker in 0..<4 { dispatcher.handle(.completed(worker: worker, jobs: 1, seconds: 1)) }
        dispatcher.handle(.postponed(jobs: 2))
        dispatcher.handle(.retried(job: 3, avoiding: 3))
        dispatcher.handle(.retried(job: 0, avoiding: 0))
        #expect(deals(&dispatcher) == [0: [3], 2: [0]])
    }

    /// Behind a running job it would be recalled for the idle worker that it avoids.
    @Test func nearTheEndItWaitsForAnIdleWorker() {
        var dispatcher = dispatcher(workers: 2, jobs: 2)
        dispatcher.handle(.completed(worker: 0, jobs: 1, seconds: 1))
        dispatcher.handle(.postponed(jobs: 1))
        dispatcher.handle(.retried(job: 0, avoiding: 0))
        #expect(dispatcher.nextCommand() == nil)
        dispatcher.handle(.completed(worker: 1, jobs: 1, seconds: 1))
        #expect(dispatcher.nextCommand() == .deal(worker: 1, 0..<1))
    }

    @Test func beforeThatOneWithRoomHasIt() {
        var dispatcher = dispatcher(workers: 2, jobs: 9)
        dispatcher.handle(.completed(worker: 0, jobs: 1, seconds: 1))
        dispatcher.handle(.completed(worker: 1, jobs: 1, seconds: 1))
        dispatcher.handle(.postponed(jobs: 1))
        dispatcher.handle(.retried(job: 0, avoiding: 0))
        #expect(deals(&dispatcher)[1]?.first == 0)
    }

    @Test func oneThatComesBackFromALostWorkerStillAvoidsTheFirst() {
        var dispatcher = dispatcher(workers: 3, jobs: 3)
        for worker in 0..<3 { dispatcher.handle(.completed(worker: worker, jobs: 1, seconds: 1)) }
        dispatcher.handle(.postponed(jobs: 1))
        dispatcher.handle(.retried(job: 0, avoiding: 0))
        #expect(deals(&dispatcher) == [1: [0]])
        dispatcher.handle(.lost(worker: 1))
        #expect(deals(&dispatcher) == [2: [0]])
    }

    @Test func whereThereIsNoOtherTheSameWorkerHasIt() {
        var dispatcher = dispatcher(workers: 2, jobs: 2)
        dispatcher.handle(.lost(worker: 1))
        _ = deals(&dispatcher)
        dispatcher.handle(.completed(worker: 0, jobs: 2, seconds: 1))
        dispatcher.handle(.postponed(jobs: 1))
        dispatcher.handle(.retried(job: 0, avoiding: 0))
        #expect(deals(&dispatcher) == [0: [0]])
    }

    @Test func aStopEndsWaitingForRetries() {
        var dispatcher = dispatcher(workers: 2, jobs: 2)
        for worker in 0..<2 { dispatcher.handle(.completed(worker: worker, jobs: 1, seconds: 1)) }
        dispatcher.handle(.postponed(jobs: 2))
        dispatcher.handle(.retried(job: 1, avoiding: 1))
        dispatcher.handle(.stop(.finish))
        // Its failure is counted by who postponed it; the one that was dealt again is dropped.
        #expect(dispatcher.dropped == 1)
        #expect(dispatcher.isStopping)
        _ = deals(&dispatcher)
        for worker in 0..<2 { dispatcher.handle(.stopped(worker: worker)) }
        #expect(dispatcher.nextCommand() == .proceed)
    }

    /// One worker fails whatever it gets; each job has one attempt there at most, as long as others
    /// have room.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func everyJobSucceedsInSomeAttempt(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let workers = Int.random(in: 2...12, using: &random)
        let jobs = Int.random(in: 1...400, using: &random)
        var cluster = VirtualCluster(
            workers: workers,
            schedule: .dynamic(chunk: seed % 3 == 0 ? 1 : nil),
            times: random.logNormal(jobs, median: 1e-3, sigma: 1),
            seed: seed
        )
        cluster.portion = [Int.max, 7][Int(seed % 2)]
        cluster.retryDelay = [0, 0.02][Int(seed / 2 % 2)]
        cluster.fails = { _, worker, _ in worker == 0 }
        if seed % 5 == 4 { cluster.stops = [(jobs / 2, .finish)] }
        cluster.run()
        #expect(cluster.tally.proceeds == 1 && cluster.tally.happenings < cluster.mostHappenings)
        #expect(cluster.tally.commandsAfterProceed == 0 && cluster.tally.dealtAtProceed == 0)
        #expect(cluster.tally.repeated == 0)
        guard cluster.stops.isEmpty else { return }
        #expect(cluster.tally.ran == jobs && cluster.dispatcher.dropped == 0)
        let repeated = cluster.tally.attempts.values.filter { Array($0.prefix(2)) == [0, 0] }
        #expect(repeated.count <= jobs / 10, "\(repeated.count) of \(jobs) on the same worker")
    }
}
