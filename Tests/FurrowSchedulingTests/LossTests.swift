import FurrowSimulation
import FurrowSystem
import Testing

@testable import FurrowScheduling

/// Workers that die while a stage runs.
@Suite struct LossTests {
    private func answer(_ dispatcher: inout Dispatcher, _ events: Dispatcher.Event...)
        -> [Dispatcher.Command]
    {
        for event in events { dispatcher.handle(event) }
        var commands: [Dispatcher.Command] = []
        while let command = dispatcher.nextCommand() { commands.append(command) }
        return commands
    }

    @Test func whatALostWorkerHeldGoesToTheOthersFirst() {
        var dispatcher = Dispatcher(workers: 2, schedule: .dynamic(chunk: 2))
        #expect(
            answer(&dispatcher, .generated(0..<10), .exhausted) == [
                .deal(worker: 0, 0..<2), .deal(worker: 1, 2..<4), .deal(worker: 0, 4..<6),
                .deal(worker: 1, 6..<8),
            ]
        )
        #expect(dispatcher.held(by: 1) == [2..<4, 6..<8])
        #expect(answer(&dispatcher, .completed(worker: 1, jobs: 1, seconds: 1)) == [])
        #expect(answer(&dispatcher, .lost(worker: 1)) == [])
        #expect(dispatcher.lost == 1)
        #expect(
            answer(&dispatcher, .completed(worker: 0, jobs: 4, seconds: 4)) == [
                .deal(worker: 0, 3..<4), .deal(worker: 0, 6..<8),
            ]
        )
        #expect(
            answer(&dispatcher, .completed(worker: 0, jobs: 3, seconds: 3)) == [
                .deal(worker: 0, 8..<10)
            ]
        )
        #expect(answer(&dispatcher, .completed(worker: 0, jobs: 2, seconds: 2)) == [.proceed])
    }

    @Test func anAnswerOfALostWorkerIsNotWaitedFor() {
        var dispatcher = Dispatcher(workers: 2, schedule: .dynamic(chunk: 4))
        _ = answer(&dispatcher, .generated(0..<4), .exhausted)
        #expect(answer(&dispatcher) == [])
        var other = Dispatcher(workers: 3, schedule: .dynamic(chunk: 1))
        _ = answer(&other, .generated(0..<3), .exhausted)
        // Stopped: who is lost need not say so.
        #expect(answer(&other, .stop(.abort)).count == 3)
        #expect(answer(&other, .stopped(worker: 0), .lost(worker: 1)) == [])
        #expect(other.silentWorkers == [2])
        #expect(answer(&other, .lost(worker: 2)) == [.proceed])
        #expect(other.dropped == 3)
    }

    @Test func withoutAnyWorkerAStopEndsTheStage() {
        var dispatcher = Dispatcher(workers: 1, schedule: .dynamic(chunk: 1))
        _ = answer(&dispatcher, .generated(0..<5), .exhausted)
        #expect(answer(&dispatcher, .lost(worker: 0)) == [])
        #expect(answer(&dispatcher, .stop(.abort)) == [.proceed])
        #expect(dispatcher.dropped == 5)
    }

    @Test(arguments: DispatcherTests.schedules, [2, 3, 7, 50])
    func everyJobRunsExactlyOnceIfWorkersDie(schedule: Schedule, workers: Int) {
        for seed in 0..<20 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let jobs = [1, 49, 640, 3000][Int(seed % 4)]
            let times = random.logNormal(jobs, median: 1e-3, sigma: 1)
            var cluster = VirtualCluster(
                workers: workers,
                schedule: schedule,
                times: times,
                seed: seed
            )
            let length = times.reduce(0, +) / Double(workers)
            // All but one, at most.
            for worker in (0..<workers).shuffled(using: &random).dropFirst().prefix(workers / 2) {
                cluster.lose(worker, at: Double.random(in: 0...length, using: &random))
            }
            if seed % 5 == 4 {
                cluster.stops = [(Int.random(in: 0...jobs, using: &random), .finish)]
            }
            cluster.run()
            let what: Comment = "\(schedule), \(workers) workers, seed \(seed)"
            #expect(cluster.tally.proceeds == 1, what)
            #expect(cluster.tally.recordsAreInOrder, what)
            #expect(cluster.tally.commandsAfterProceed == 0, what)
            #expect(cluster.tally.dealtAtProceed == 0, what)
            #expect(cluster.tally.repeated == 0, what)
            #expect(
                cluster.tally.ran + cluster.dispatcher.dropped == cluster.tally.generated,
                what
            )
        }
    }

    @Test func theSurvivorsOfTenThousandWorkersAreAsFastAsTheyCanBe() {
        var random = SeededRandom(seed: 1)
        let workers = 10_000
        let times = random.logNormal(150_000, median: 1, sigma: 0.2)
        var cluster = VirtualCluster(
            workers: workers,
            schedule: .dynamic(chunk: nil),
            times: times
        )
        let total = times.reduce(0, +)
        let length = total / Double(workers)
        // Worked by those that die, until then, at the most.
        var worked = 0.0
        for worker in (0..<workers).shuffled(using: &random).prefix(workers / 10) {
            let time = Double.random(in: 0...length, using: &random)
            worked += time
            cluster.lose(worker, at: time)
        }
        cluster.run()
        #expect(cluster.tally.proceeds == 1)
        #expect(cluster.tally.ran == times.count)
        #expect(cluster.tally.repeated == 0)
        let best = (total - worked) / Double(workers - workers / 10)
        #expect(cluster.tally.end < 1.15 * best, "\(cluster.tally.end) s, \(best) s could be")
    }
}
