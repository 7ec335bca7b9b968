import ArgumentParser
import Furrow

/// A runner of a stage whose jobs are turns.
enum StageRunner: String, ExpressibleByArgument, CaseIterable {
    case serial, parallel, serialMap, map, sharing, reducing, observing, saving

    /// Whether its stage can end in this way.
    ///
    /// Left out: functions that only some runners are given; `map`, whose values cannot fail and whose
    /// results nothing collects or saves; sums, which take the place of `collect` and `save`; and with
    /// one rank the combination of sums.
    func has(_ way: Way, ranks: Int) -> Bool {
        switch way {
        case .generator: !isMap
        case .collect, .save: !isMap && self != .reducing
        case .function:
            switch self {
            case .sharing, .observing, .saving: true
            case .reducing: ranks > 1
            case .serial, .parallel, .serialMap, .map: false
            }
        case .adding: self == .reducing
        default: true
        }
    }

    private var isMap: Bool { self == .serialMap || self == .map }

    /// The runner of a generator's jobs.
    func run<G: JobGenerator>(
        _ generator: G,
        _ way: Way,
        _ options: RunOptions
    ) -> AnyRunner<Int, G.Previous, [Turn.Output]> where G.Work == Turn, G.Arguments == Int {
        let parallel = ParallelRunner(generator, options: options)
        switch self {
        case .serial: return AnyRunner(SerialRunner(generator, options: options))
        case .parallel: return AnyRunner(parallel)
        case .serialMap, .map:
            return AnyRunner(
                MappingRunner<G.Previous>(isSerial: self == .serialMap, way: way, options: options)
            )
        case .sharing:
            return AnyRunner(
                parallel.sharing { count, _ in
                    try way.fail(at: .function)
                    return count
                }
            )
        case .reducing:
            return AnyRunner(
                parallel.reduce(into: []) { sum, turn in
                    try way.fail(at: .adding)
                    sum.append(turn)
                } combining: { sum, other in
                    try way.fail(at: .function)
                    sum += other
                }
            )
        case .observing:
            return AnyRunner(parallel.onResult { _, _ in try way.fail(at: .function) })
        case .saving:
            return AnyRunner(parallel.saving { _, _ in try way.fail(at: .function) })
        }
    }
}

/// A stage that calls `map`.
private struct MappingRunner<Previous: Sendable>: Runner {
    let isSerial: Bool
    let way: Way
    let options: RunOptions

    var stage: String { options.stage ?? "map" }

    func run(_ arguments: Int?, after previous: Previous?) async throws -> [Turn.Output]? {
        let turns = 0..<(arguments ?? 0)
        if isSerial {
            return try await SerialRunner.map(turns, options: options) { turn in
                try await Turn(turn: turn, way: way).run(JobContext())
            }
        }
        return try await ParallelRunner.map(turns, options: options) { turn, context in
            try await Turn(turn: turn, way: way).run(context)
        }
    }
}

extension Way {
    func fail(at way: Way) throws {
        if self == way { throw Turn.Broken(description: "\(way) broke") }
    }
}
