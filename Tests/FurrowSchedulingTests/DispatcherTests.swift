import FurrowSimulation
import FurrowSystem
import Testing

@testable import FurrowScheduling

extension Dispatcher {
    /// Hears of events, one after the other, and then says all that is to be done.
    fileprivate mutating func answer(_ events: Event...) -> [Command] {
        for event in events { handle(event) }
        var commands: [Command] = []
        while let command = nextCommand() { commands.append(command) }
        return commands
    }
}

@Suite struct DispatcherTests {
    static let schedules: [Schedule] = [
        .dynamic(chunk: nil), .dynamic(chunk: 1), .dynamic(chunk: 16), .static(chunk: nil),
        .static(chunk: 1), .static(chunk: 7), .dynamic(chunk: .max), .static(chunk: .max),
    ]

    /// Checks what holds for every stage that came to its end.
    private func expectSound(_ cluster: VirtualCluster, _ what: String) {
        #expect(cluster.tally.happenings < cluster.mostHappenings, "\(what)")
        #expect(cluster.tally.proceeds == 1, "\(what)")
        #expect(cluster.tally.commandsAfterProceed == 0, "\(what)")
        #expect(cluster.tally.eventsAfterProceed == 0, "\(what)")
        #expect(cluster.tally.dealtAtProceed == 0, "\(what)")
        #expect(cluster.tally.repeated == 0, "\(what)")
        #expect(
            cluster.tally.ran + cluster.dispatcher.dropped == cluster.tally.generated,
            "\(what)"
        )
    }

    @Test(arguments: schedules, [1, 2, 3, 7, 50])
    func everyJobRunsExactlyOnce(schedule: Schedule, workers: Int) {
        for (number, jobs) in [0, 1, 2, 49, 640, 5000].enumerated() {
            let seed = UInt64(1000 * workers + number)
            var random = SeededRandom(seed: seed)
            let median = [1e-6, 1e-4, 1e-2][number % 3]
            var cluster = VirtualCluster(
                workers: workers,
                schedule: schedule,
                times: random.logNormal(jobs, median: median, sigma: 2),
                seed: seed
            )
            cluster.run()
            expectSound(cluster, "\(schedule), \(workers) workers, \(jobs) jobs")
            #expect(cluster.dispatcher.dropped == 0)
            #expect(cluster.tally.ran == jobs)
        }
    }

    @Test(arguments: schedules, [StopMode.abort, .finish])
    func aStopAccountsForEveryJob(schedule: Schedule, mode: StopMode) {
        var droppedSome = false
        for seed in 0..<60 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let workers = Int.random(in: 1...50, using: &random)
            let jobs = Int.random(in: 0...500, using: &random)
            var cluster = VirtualCluster(
                workers: workers,
                schedule: schedule,
                times: random.logNormal(jobs, median: 1e-4, sigma: 2),
                seed: seed
            )
            cluster.portion = [Int.max, 1, 30][Int(seed % 3)]
            let first = Int.random(in: 0...jobs + 10, using: &random)
            cluster.stops = [(first, mode)]
            // One who is waited for is told to hurry; nobody is told to take more time.
            if seed % 4 == 0 { cluster.stops.append((first + 5, .abort)) }
            if seed % 4 == 1 { cluster.stops.append((first + 5, .finish)) }
            cluster.run()
            expectSound(cluster, "\(schedule), \(mode), seed \(seed)")
            if cluster.dispatcher.dropped > 0 { droppedSome = true }
        }
        #expect(droppedSome)
    }

    @Test func whatIsGeneratedAfterAStopIsDropped() {
        var dispatcher = Dispatcher(workers: 1, schedule: .dynamic(chunk: nil))
        dispatcher.handle(.stop(.finish))
        #expect(!dispatcher.wantsJobs)
        #expect(dispatcher.answer(.generated(0..<10)) == [.stop(worker: 0, .finish)])
        #expect(dispatcher.silentWorkers == [0])
        dispatcher.handle(.stopped(worker: 0))
        #expect(dispatcher.silentWorkers.isEmpty)
        #expect(dispatcher.nextCommand() == .proceed)
        #expect(dispatcher.dropped == 10)
    }

    @Test func anAbortOverridesAFinishAndNotTheOtherWayRound() {
        var dispatcher = Dispatcher(workers: 1, schedule: .dynamic(chunk: nil))
        #expect(
            dispatcher.answer(.stop(.finish), .stop(.finish), .stop(.abort), .stop(.finish))
                == [.stop(worker: 0, .finish), .stop(worker: 0, .abort)]
        )
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func heavyTailedJobsAreBalanced(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let times = random.logNormal(2000, median: 0.005, sigma: 1.5)
        var cluster = VirtualCluster(
            workers: 4,
            schedule: .dynamic(chunk: nil),
            times: times,
            seed: seed
        )
        cluster.run()
        let bound = max(times.reduce(0, +) / 4, times.max() ?? 0)
        #expect(cluster.tally.ran == 2000)
        #expect(cluster.now <= 1.05 * bound)
    }

    @Test(arguments: [Schedule.dynamic(chunk: nil), .dynamic(chunk: 400)])
    func noJobWaitsBehindALongOne(schedule: Schedule) {
        // Tiny jobs make the batches grow; then comes a long one with many behind it.
        let times =
            [Double](repeating: 1e-6, count: 20_000) + [1.0]
            + [Double](repeating: 1e-3, count: 800)
        var cluster = VirtualCluster(workers: 4, schedule: schedule, times: times)
        cluster.run()
        #expect(cluster.tally.recalls > 0)
        #expect(cluster.tally.ran == times.count)
        #expect(cluster.now <= 1.05)
    }

    @Test func aRecallThatCameTooLateDoesNotPreventTheNext() {
        var dispatcher = Dispatcher(workers: 2, schedule: .dynamic(chunk: 3))
        #expect(
            dispatcher.answer(.generated(0..<9)) == [
                .deal(worker: 0, 0..<3), .deal(worker: 1, 3..<6), .deal(worker: 0, 6..<9),
            ]
        )
        // As long as the generator may have more, those that were dealt stay where they are.
        #expect(dispatcher.answer(.completed(worker: 1, jobs: 3, seconds: 1)) == [])
        #expect(dispatcher.answer(.generated(9..<9)) == [.recall(worker: 0)])
        // Worker 0 has run all before it hears of that, and is dealt more before it answers.
        #expect(
            dispatcher.answer(
                .completed(worker: 0, jobs: 6, seconds: 1),
                .generated(9..<12),
                .generated(12..<15)
            ) == [.deal(worker: 1, 9..<12), .deal(worker: 0, 12..<15)]
        )
        #expect(
            dispatcher.answer(.completed(worker: 1, jobs: 3, seconds: 1), .generated(15..<15)) == []
        )
        #expect(dispatcher.answer(.returned(worker: 0, jobs: 0)) == [.recall(worker: 0)])
        #expect(
            dispatcher.answer(.returned(worker: 0, jobs: 2)) == [.deal(worker: 1, 13..<15)]
        )
    }

    @Test func oneIdleWorkerCausesOneRecall() {
        var dispatcher = Dispatcher(workers: 5, schedule: .dynamic(chunk: 2))
        #expect(dispatcher.answer(.generated(0..<20), .exhausted).count == 10)
        #expect(dispatcher.slack == 0)
        #expect(
            dispatcher.answer(.completed(worker: 3, jobs: 4, seconds: 4)) == [.recall(worker: 0)]
        )
        #expect(
            dispatcher.answer(.completed(worker: 4, jobs: 4, seconds: 4)) == [.recall(worker: 1)]
        )
    }

    /// As long as nobody knows how long jobs take, and that matters.
    @Test func nothingWaitsWithAWorkerThatHoldsOneBatchAtATime() {
        var dispatcher = Dispatcher(workers: 2, schedule: .dynamic(chunk: 1))
        dispatcher.depth = 1
        #expect(
            dispatcher.answer(.generated(0..<9))
                == [.deal(worker: 0, 0..<1), .deal(worker: 1, 1..<2)]
        )
        #expect(
            dispatcher.answer(.completed(worker: 1, jobs: 1, seconds: 1))
                == [.deal(worker: 1, 2..<3)]
        )
        dispatcher.depth = 2
        #expect(dispatcher.answer() == [.deal(worker: 0, 3..<4), .deal(worker: 1, 4..<5)])
    }

    @Test func workersWithABatchInReserveGiveRankZeroSlack() {
        var dispatcher = Dispatcher(workers: 1, schedule: .dynamic(chunk: 10))
        _ = dispatcher.answer(.generated(0..<100))
        // How long a batch lasts is not known yet.
        #expect(dispatcher.slack == 0)
        dispatcher.handle(.completed(worker: 0, jobs: 10, seconds: 0.1))
        #expect(dispatcher.slack == 0)
        _ = dispatcher.answer()
        #expect(abs(dispatcher.slack - 0.1) < 1e-12)
    }

    @Test func theMoreWorkersTheLongerTheirBatches() {
        func batch(workers: Int) -> Int {
            var policy = BatchPolicy(chunk: nil, workers: workers)
            policy.record(jobs: 1, seconds: 1e-3)
            for _ in 0..<10 { _ = policy.next(share: .max) }
            return policy.next(share: .max)
        }
        #expect(batch(workers: 2) == 2)
        #expect(batch(workers: 1000) == 10)
        #expect(batch(workers: 100_000) == 1000)
    }

    @Test func theStageWaitsForTheAnswerToARecall() {
        var dispatcher = Dispatcher(workers: 2, schedule: .dynamic(chunk: nil))
        #expect(
            dispatcher.answer(.generated(0..<3), .exhausted) == [
                .deal(worker: 0, 0..<1), .deal(worker: 1, 1..<2), .deal(worker: 0, 2..<3),
            ]
        )
        #expect(
            dispatcher.answer(.completed(worker: 1, jobs: 1, seconds: 1)) == [.recall(worker: 0)]
        )
        // The worker was faster than the recall.
        #expect(dispatcher.answer(.completed(worker: 0, jobs: 2, seconds: 2)) == [])
        #expect(dispatcher.answer(.returned(worker: 0, jobs: 0)) == [.proceed])
    }

    @Test func staticAssignmentsAreNotRecalled() {
        let times = [Double](repeating: 1, count: 4) + [Double](repeating: 1e-3, count: 4)
        var cluster = VirtualCluster(
            workers: 2,
            schedule: .static(chunk: nil),
            times: times
        )
        cluster.run()
        #expect(cluster.tally.recalls == 0 && cluster.tally.deals.isEmpty)
        #expect(cluster.tally.ran == 8)
        #expect(cluster.now >= 4)
    }

    @Test func jobsOfASecondTravelAlone() {
        let times = [Double](repeating: 1, count: 100)
        var cluster = VirtualCluster(
            workers: 2,
            schedule: .dynamic(chunk: nil),
            times: times
        )
        cluster.run()
        #expect(cluster.tally.deals.allSatisfy { $0.count == 1 })
        #expect(cluster.tally.ran == 100)
    }

    @Test func tinyJobsTravelInHundreds() {
        let times = [Double](repeating: 1e-6, count: 100_000)
        var cluster = VirtualCluster(
            workers: 2,
            schedule: .dynamic(chunk: nil),
            times: times
        )
        cluster.run()
        let largest = cluster.tally.deals.map(\.count).max() ?? 0
        #expect(largest > 1000 && largest <= BatchPolicy.most)
        #expect(cluster.tally.deals.count < 200)
        #expect(cluster.tally.deals[0].count == 1)
    }

    @Test(arguments: [1, 5, 64])
    func aFixedChunkIsKept(chunk: Int) {
        let jobs = 10 * chunk + chunk / 2
        var cluster = VirtualCluster(
            workers: 3,
            schedule: .dynamic(chunk: chunk),
            times: [Double](repeating: 1e-6, count: jobs)
        )
        cluster.run()
        // Only the last chunk may be smaller, and what a recall brought back.
        let first = cluster.tally.deals.prefix(10)
        #expect(first.allSatisfy { $0.count == chunk })
        #expect(cluster.tally.deals.allSatisfy { $0.count <= chunk })
        #expect(cluster.tally.ran == jobs)
    }

    @Test(arguments: [1, 3, 100, 4096], [Schedule.dynamic(chunk: nil), .dynamic(chunk: 16)])
    func jobsThatComeInDribsAreDealt(drib: Int, schedule: Schedule) {
        let jobs = 3 * drib + 200
        var random = SeededRandom(seed: UInt64(drib))
        var cluster = VirtualCluster(
            workers: 3,
            schedule: schedule,
            times: random.logNormal(jobs, median: 1e-3, sigma: 1)
        )
        cluster.portion = drib
        cluster.run()
        expectSound(cluster, "\(schedule), dribs of \(drib)")
        #expect(cluster.tally.ran == jobs)
        #expect(cluster.tally.mostWaiting < BatchPolicy.most + drib)
    }

    @Test func aMessageHoldsNoMoreJobsThanFit() {
        let times = [Double](repeating: 1e-6, count: 5000)
        var cluster = VirtualCluster(
            workers: 2,
            schedule: .dynamic(chunk: nil),
            times: times
        )
        cluster.dispatcher.mostPerMessage = 10
        cluster.run()
        #expect(cluster.tally.deals.map(\.count).max() == 10)
        cluster.dispatcher.mostPerMessage = 0
        #expect(cluster.dispatcher.mostPerMessage == 1)
    }

    private func stage(
        workers: Int,
        times: [Double],
        lastMoment: Double,
        grace: Double
    ) -> VirtualCluster {
        var cluster = VirtualCluster(
            workers: workers,
            schedule: .dynamic(chunk: nil),
            times: times
        )
        cluster.heed(VirtualStop(grace: grace, lastMoment: lastMoment, runsJobs: false))
        cluster.run()
        expectSound(cluster, "\(workers) workers until \(lastMoment)")
        return cluster
    }

    @Test(arguments: [1, 2, 7])
    func noJobBeginsThatWouldNotEndInTime(workers: Int) {
        let times = [Double](repeating: 0.37, count: 60)
        let cluster = stage(workers: workers, times: times, lastMoment: 3, grace: 5)
        #expect(cluster.stop?.policy.interruption == .timeLimit)
        #expect(cluster.tally.cancelled == 0, "what began had the time to end")
        #expect(cluster.tally.ran > 3 * workers)
        #expect(cluster.dispatcher.dropped == 60 - cluster.tally.ran)
        #expect(cluster.tally.lastStart + 0.37 < 3)
    }

    /// How long jobs take is known when the first has ended: none may begin behind its back.
    @Test(arguments: [1, 2, 7])
    func theFirstJobTellsWhetherTheSecondFits(workers: Int) {
        let times = [Double](repeating: 3, count: 9)
        let cluster = stage(workers: workers, times: times, lastMoment: 6, grace: 1)
        #expect(cluster.stop?.policy.interruption == .timeLimit)
        #expect(cluster.tally.ran == workers)
        #expect(cluster.tally.cancelled == 0)
    }

    @Test(arguments: [1, 3])
    func jobsThatOutlastTheTimeAreCancelledAtItsEnd(workers: Int) {
        let times = [Double](repeating: 1000, count: 4)
        let cluster = stage(workers: workers, times: times, lastMoment: 3, grace: 5)
        #expect(cluster.stop?.policy.interruption == .timeLimit)
        #expect(cluster.tally.cancelled == workers)
        #expect(cluster.tally.end >= 3 && cluster.tally.end < 3.01)
        // No time at all: nothing begins.
        let none = stage(workers: workers, times: times, lastMoment: 0, grace: 5)
        #expect(none.tally.ran == 0 && none.tally.deals.isEmpty)
        #expect(none.stop?.policy.interruption == .timeLimit)
    }
}
