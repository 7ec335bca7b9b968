import Testing

@testable import Furrow

/// Drives a dispatcher with virtual workers and virtual time.
private struct Simulation {
    var dispatcher: Dispatcher
    /// What each worker holds, in order: the first is running and ends at `ends`.
    var queues: [[Int]]
    var ends: [Double]
    var ran: [Int: Int] = [:]
    var now = 0.0
    var hasProceeded = false
    var largestBatch = 0
    var dealtLast = 0..<0
    let times: [Double]

    init(workers: Int, schedule: Schedule, times: [Double]) {
        dispatcher = Dispatcher(workers: workers, schedule: schedule)
        queues = Array(repeating: [], count: workers)
        ends = Array(repeating: .infinity, count: workers)
        self.times = times
    }

    mutating func give(_ jobs: Range<Int>, to worker: Int) {
        if queues[worker].isEmpty, let first = jobs.first { ends[worker] = now + times[first] }
        queues[worker] += jobs
    }

    mutating func obey() {
        while let command = dispatcher.nextCommand() {
            switch command {
            case .deal(let worker, let jobs):
                largestBatch = max(largestBatch, jobs.count)
                give(jobs, to: worker)
            case .recall(let worker):
                let back = max(0, queues[worker].count - 1)
                queues[worker].removeLast(back)
                dispatcher.handle(.returned(worker: worker, jobs: back))
            case .stop(let worker, _):
                // The job that runs may end; the others are dropped.
                if let running = queues[worker].first {
                    ran[running, default: 0] += 1
                    dispatcher.handle(.completed(worker: worker, jobs: 1, seconds: times[running]))
                }
                queues[worker] = []
                ends[worker] = .infinity
                dispatcher.handle(.stopped(worker: worker))
            case .proceed:
                #expect(!hasProceeded)
                #expect(dispatcher.dealt == 0 && dispatcher.waiting == 0)
                hasProceeded = true
            }
        }
    }

    /// Lets the next job end. False when none runs.
    mutating func step() -> Bool {
        guard let worker = ends.indices.min(by: { ends[$0] < ends[$1] }), ends[worker] < .infinity
        else { return false }
        now = ends[worker]
        let job = queues[worker].removeFirst()
        ran[job, default: 0] += 1
        ends[worker] = queues[worker].first.map { now + times[$0] } ?? .infinity
        dispatcher.handle(.completed(worker: worker, jobs: 1, seconds: times[job]))
        obey()
        return true
    }

    mutating func runAll() {
        dispatcher.handle(.generated(0..<times.count))
        dispatcher.handle(.exhausted)
        obey()
        while step() {}
    }
}

private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }

    /// Job times whose few longest make up much of the whole.
    mutating func heavyTailed(_ count: Int) -> [Double] {
        (0..<count).map { _ in
            let sum = (0..<12).reduce(-6.0) { total, _ in
                total + Double.random(in: 0..<1, using: &self)
            }
            return power(1.5 * sum) * 0.005
        }
    }

    private func power(_ x: Double) -> Double {
        // e^x by its series, halved until it converges fast.
        guard abs(x) > 0.5 else {
            return 1 + x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5))))
        }
        let root = power(x / 2)
        return root * root
    }
}

@Suite struct DispatcherTests {
    @Test(arguments: [1, 2, 3, 7, 50], [0, 1, 2, 49, 3000])
    func everyJobRunsExactlyOnce(workers: Int, jobs: Int) {
        var random = Random(state: UInt64(workers * 10_000 + jobs))
        for schedule in [Schedule.dynamic(chunk: nil), .dynamic(chunk: 1), .dynamic(chunk: 16)] {
            var simulation = Simulation(
                workers: workers,
                schedule: schedule,
                times: random.heavyTailed(jobs)
            )
            simulation.runAll()
            #expect(simulation.hasProceeded)
            #expect(simulation.ran.count == jobs)
            #expect(simulation.ran.values.allSatisfy { $0 == 1 })
        }
    }

    @Test(arguments: [StopMode.abort, .finish], [0, 1, 10, 500])
    func aStopAccountsForEveryJob(mode: StopMode, after steps: Int) {
        var random = Random(state: 7)
        var simulation = Simulation(
            workers: 4,
            schedule: .dynamic(chunk: nil),
            times: random.heavyTailed(1000)
        )
        simulation.dispatcher.handle(.generated(0..<1000))
        simulation.obey()
        for _ in 0..<steps { _ = simulation.step() }
        simulation.dispatcher.handle(.stop(mode))
        simulation.dispatcher.handle(.generated(1000..<1010))
        simulation.obey()
        #expect(simulation.hasProceeded)
        #expect(simulation.ran.count + simulation.dispatcher.dropped == 1010)
        #expect(simulation.ran.values.allSatisfy { $0 == 1 })
    }

    @Test(arguments: 1...10)
    func noJobWaitsBehindALongOne(seed: UInt64) {
        var random = Random(state: seed)
        let times = random.heavyTailed(2000)
        var simulation = Simulation(workers: 4, schedule: .dynamic(chunk: nil), times: times)
        simulation.runAll()
        let bound = max(times.reduce(0, +) / 4, times.max() ?? 0)
        #expect(simulation.now <= 1.05 * bound)
    }

    @Test func theStageWaitsForTheAnswerToARecall() {
        var dispatcher = Dispatcher(workers: 2, schedule: .dynamic(chunk: nil))
        func commands() -> [Dispatcher.Command] {
            var commands: [Dispatcher.Command] = []
            while let command = dispatcher.nextCommand() { commands.append(command) }
            return commands
        }
        dispatcher.handle(.generated(0..<3))
        dispatcher.handle(.exhausted)
        #expect(
            commands() == [
                .deal(worker: 0, 0..<1), .deal(worker: 1, 1..<2), .deal(worker: 0, 2..<3),
            ]
        )
        dispatcher.handle(.completed(worker: 1, jobs: 1, seconds: 1))
        #expect(commands() == [.recall(worker: 0)])
        // The worker was faster than the recall.
        dispatcher.handle(.completed(worker: 0, jobs: 2, seconds: 2))
        #expect(commands() == [])
        dispatcher.handle(.returned(worker: 0, jobs: 0))
        #expect(commands() == [.proceed])
    }

    @Test func jobsOfASecondTravelAlone() {
        var simulation = Simulation(
            workers: 2,
            schedule: .dynamic(chunk: nil),
            times: [Double](repeating: 1, count: 100)
        )
        simulation.runAll()
        #expect(simulation.largestBatch == 1)
    }

    @Test func tinyJobsTravelInHundreds() {
        let times = [Double](repeating: 1e-6, count: 100_000)
        var simulation = Simulation(workers: 2, schedule: .dynamic(chunk: nil), times: times)
        simulation.runAll()
        #expect(simulation.largestBatch > 500)
    }

    @Test func aFixedChunkIsKept() {
        var simulation = Simulation(
            workers: 3,
            schedule: .dynamic(chunk: 5),
            times: [Double](repeating: 1e-6, count: 1000)
        )
        simulation.runAll()
        #expect(simulation.largestBatch == 5)
    }

    @Test func jobsThatComeLateAreDealt() {
        var simulation = Simulation(
            workers: 3,
            schedule: .dynamic(chunk: nil),
            times: [Double](repeating: 1, count: 10)
        )
        for job in 0..<10 {
            simulation.dispatcher.handle(.generated(job..<job + 1))
            simulation.obey()
            #expect(!simulation.hasProceeded)
            while simulation.step() {}
        }
        simulation.dispatcher.handle(.exhausted)
        simulation.obey()
        #expect(simulation.hasProceeded)
        #expect(simulation.ran.count == 10)
    }

    @Test func staticAssignmentsAreNotRecalled() {
        let times = [1.0, 1, 1, 1, 0.001, 0.001]
        var simulation = Simulation(workers: 2, schedule: .static(chunk: nil), times: times)
        for (worker, ranges) in Schedule.blocks(jobs: 4, workers: 2, chunk: nil).enumerated() {
            for jobs in ranges {
                simulation.dispatcher.handle(.assigned(worker: worker, jobs))
                simulation.give(jobs, to: worker)
            }
        }
        simulation.dispatcher.handle(.exhausted)
        simulation.obey()
        while simulation.step() {}
        #expect(simulation.hasProceeded)
        #expect(simulation.now == 2)
    }
}
