import FurrowRuns

/// Which jobs of a long stage have a row on the page.
struct RowChoice {
    /// The most rows of a stage.
    static let most = 10_000
    /// The most failed jobs among them.
    private static let mostFailed = 2_000
    /// The jobs with the smallest and the largest values of a result.
    private static let extremes = 100
    /// The results for which those are chosen.
    private static let mostResults = 10

    private var failed: [Int] = []
    private var best: [Extremes]

    private struct Extremes {
        var least: [(value: Double, job: Int)] = []
        var most: [(value: Double, job: Int)] = []

        mutating func add(_ value: Double, _ job: Int) {
            Self.insert((value, job), into: &least) { $0 < $1 }
            Self.insert((value, job), into: &most) { $0 > $1 }
        }

        private static func insert(
            _ new: (value: Double, job: Int),
            into list: inout [(value: Double, job: Int)],
            _ isBefore: (Double, Double) -> Bool
        ) {
            if list.count == extremes, let last = list.last, !isBefore(new.value, last.value) {
                return
            }
            let place = list.firstIndex { isBefore(new.value, $0.value) } ?? list.count
            list.insert(new, at: place)
            if list.count > extremes { list.removeLast() }
        }
    }

    init(results: Int) {
        best = Array(repeating: Extremes(), count: min(results, Self.mostResults))
    }

    mutating func add(job: Int, hasFailed: Bool, results: ArraySlice<Cell>) {
        if hasFailed, failed.count < Self.mostFailed { failed.append(job) }
        for (place, cell) in results.prefix(best.count).enumerated() {
            switch cell {
            case .integer(let value): best[place].add(Double(value), job)
            case .number(let value, _) where !value.isNaN: best[place].add(value, job)
            case .empty, .boolean, .text, .number: break
            }
        }
    }

    /// The numbers, from 0, of the chosen jobs, with an even sample of all others.
    ///
    /// - Parameters:
    ///   - jobs: the numbers of all jobs that ended, in order.
    ///   - slowest: further jobs to choose.
    func chosen(of jobs: [Int], slowest: [Int]) -> Set<Int> {
        guard jobs.count > Self.most else { return Set(jobs) }
        var chosen = Set(failed).union(slowest)
        for best in best {
            chosen.formUnion(best.least.map(\.job))
            chosen.formUnion(best.most.map(\.job))
        }
        let room = Self.most - chosen.count
        guard room > 0 else { return chosen }
        for place in 0..<room {
            chosen.insert(jobs[place * jobs.count / room])
        }
        return chosen
    }
}
