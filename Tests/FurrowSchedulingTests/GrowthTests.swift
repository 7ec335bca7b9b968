import FurrowSimulation
import FurrowSystem
import TestSupport
import Testing

@testable import FurrowScheduling

/// No cost of dealing grows with the square of the number of jobs or workers.
@Suite struct SchedulingGrowthTests {
    private func simulate(
        jobs: Int,
        workers: Int,
        _ schedule: Schedule = .dynamic(chunk: 1),
        _ change: (inout VirtualCluster) -> Void = { _ in }
    ) {
        var cluster = VirtualCluster(
            workers: workers,
            schedule: schedule,
            times: [Double](repeating: 0.01, count: jobs)
        )
        change(&cluster)
        cluster.run()
        #expect(cluster.tally.proceeds == 1)
    }

    @Test(arguments: [Schedule.dynamic(chunk: 1), .dynamic(chunk: nil), .static(chunk: nil)])
    func jobs(schedule: Schedule) throws {
        let factor = try Growth.factor(from: 500) { simulate(jobs: $0, workers: 8, schedule) }
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test func workers() throws {
        let factor = try Growth.factor(from: 100) { simulate(jobs: 4 * $0, workers: $0) }
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test func retries() throws {
        let factor = try Growth.factor(from: 250) { count in
            simulate(jobs: count, workers: 8) { $0.fails = { _, _, attempt in attempt == 1 } }
        }
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test func lostWorkers() throws {
        let factor = try Growth.factor(from: 50) { count in
            simulate(jobs: 8 * count, workers: count) { cluster in
                for worker in 0..<count / 2 { cluster.lose(worker, at: 0.02) }
            }
        }
        #expect(factor < Growth.mostWithoutSquare)
    }
}
