import FurrowScheduling
import FurrowSimulation
import FurrowSystem
import Glibc

extension VirtualCluster {
    /// A cluster for jobs that take these times, in seconds.
    init(workers: Int, schedule: Schedule, times: [Double], seed: UInt64 = 1) {
        self.init(workers: workers, schedule: schedule, count: times.count, seed: seed) {
            times[$0]
        }
    }
}

extension SeededRandom {
    /// Job times in seconds whose few longest make up much of the whole.
    mutating func logNormal(_ count: Int, median: Double, sigma: Double) -> [Double] {
        (0..<count).map { _ in
            let radius = sqrt(-2 * log(1 - Double.random(in: 0..<1, using: &self)))
            let angle = 2 * Double.pi * Double.random(in: 0..<1, using: &self)
            return median * exp(sigma * radius * cos(angle))
        }
    }
}
