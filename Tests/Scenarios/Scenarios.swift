import Foundation
import Furrow
import Glibc
import MPI

/// Whether all bytes are the same: each is what the next one is. Not a loop, which would take
/// minutes for gigabytes without optimisation.
private func isUniform(_ data: Data) -> Bool {
    data.withUnsafeBytes { bytes in
        guard let start = bytes.baseAddress, bytes.count > 1 else { return true }
        return memcmp(start, start + 1, bytes.count - 1) == 0
    }
}

typealias Scenario = @Sendable (Program, RunOptions) async throws -> String?

/// The order, the values and the task ids of results, in short.
private func summary(_ results: [Work.Output]?) -> String? {
    guard let results else { return nil }
    let tasks = Set(results.map { $0.taskID ?? -1 }).sorted()
    let order = results.map(\.index) == Array(0..<results.count)
    let content = checksum(
        results.map { "\($0.index) \($0.value) \($0.text)" }.joined(separator: ",")
    )
    return "\(results.count) results, in order \(order), content \(content), tasks \(tasks)"
}

private func stage(_ action: @escaping @Sendable (Int, Program) -> Action) -> Scenario {
    { program, options in
        let plan = Plan(count: program.count) { number in
            Work(
                number: number,
                action: action(number, program),
                ballast: Data(repeating: 7, count: program.bytes)
            )
        }
        return summary(try await run(PlannedJobs(), plan, program, options))
    }
}

let scenarios: [String: Scenario] = [
    "square": stage { _, _ in .square },
    "fail-one": stage { number, program in
        number == program.count / 2 ? .fail(message: "seven") : .square
    },
    "fail-one-slowly": stage { number, _ in
        number == 0 ? .fail(message: "early") : .sleep(milliseconds: 2000, heedsCancellation: true)
    },
    "fail-all": stage { number, _ in .fail(message: "number \(number)") },
    "fail-long": stage { _, program in
        .fail(message: String(repeating: "é", count: program.bytes))
    },
    "abandon": stage { number, _ in
        number == 0
            ? .fail(message: "early") : .sleep(milliseconds: 60_000, heedsCancellation: false)
    },
    "kill": stage { number, program in
        number == program.count / 2 ? .kill : .sleep(milliseconds: 20, heedsCancellation: true)
    },
    "trap": stage { number, program in
        number == program.count / 2 ? .trap : .sleep(milliseconds: 20, heedsCancellation: true)
    },
    "main-actor": stage { _, _ in .mainActor },
    "unencodable": stage { number, _ in number == 3 ? .unencodable : .square },
    "tail": stage { number, _ in
        .sleep(milliseconds: number == 0 ? 1000 : 20, heedsCancellation: true)
    },
    "large": { program, options in
        let plan = Plan(count: program.count) {
            Work(number: $0, action: .result(bytes: program.bytes))
        }
        let results = try await run(PlannedJobs(), plan, program, options)
        guard let results else { return nil }
        let whole = results.allSatisfy { result in
            let byte = UInt8(truncatingIfNeeded: result.index &+ 1)
            return result.data.count == program.bytes
                && result.data.first == byte && isUniform(result.data)
        }
        return "\(results.count) results, whole \(whole)"
    },
    "values": { program, options in
        let plan = Plan(count: program.count) { number in
            var values = Values.awkward
            values.optional = number % 2 == 0 ? 0.1 : nil
            return Work(number: number, action: .echo(values))
        }
        let results = try await run(PlannedJobs(), plan, program, options)
        guard let results else { return nil }
        let intact = results.allSatisfy { result in
            var values = Values.awkward
            values.optional = result.index % 2 == 0 ? 0.1 : nil
            return result.value.isNaN && result.values == values
                && result.values?.doubles[2].sign == .minus
                && result.values?.texts.map { Array($0.utf8) }
                    == values.texts.map { Array($0.utf8) }
        }
        return "\(results.count) results, intact \(intact)"
    },
    "generator-throws": { program, options in
        let plan = Plan(count: program.count) { Work(number: $0, action: .square) }
        return summary(
            try await run(PlannedJobs(failsAfter: program.count / 2), plan, program, options)
        )
    },
    "collect-throws": { program, options in
        try await run(Breaking(step: "collect"), program.count, program, options).map { "\($0)" }
    },
    "save-throws": { program, options in
        try await run(Breaking(step: "save"), program.count, program, options).map { "\($0)" }
    },
    "pipeline": { program, options in
        let pipeline = Pipeline(
            ParallelRunner(Squares(), nJobs: program.workers, options: options)
        ).then(ParallelRunner(Halves(), nJobs: program.workers, options: options))
        return try await pipeline.run(program.count).map { "\($0)" }
    },
    "rounds": { program, options in
        var sum = 0
        for round in 0..<program.count {
            sum += try await run(Squares(), 190 + 7 * round % 230, program, options) ?? 0
        }
        return "\(sum)"
    },
    "pipeline-fails": { program, options in
        let plan = Plan(count: program.count) {
            Work(number: $0, action: $0 == 1 ? .fail(message: "first stage") : .square)
        }
        let pipeline = Pipeline(ParallelRunner(PlannedJobs(), options: options))
            .then(ParallelRunner(Never(), options: options))
        return summary(try await pipeline.run(plan))
    },
    "main-error": { program, options in
        throw InputError("an input error on every rank")
    },
    "local-error": { program, options in
        if try await MPISession.start().rank == 1 {
            throw Work.Failure(description: "met on one rank")
        }
        let plan = Plan(count: 1) { Work(number: $0, action: .square) }
        return summary(try await run(PlannedJobs(), plan, program, options))
    },
    "mpi-error": { program, options in
        if try await MPISession.start().rank == 1 {
            throw MPIError(function: "MPI_Test", text: "made up on one rank")
        }
        return summary(
            try await run(
                PlannedJobs(),
                Plan(count: 1) { Work(number: $0, action: .square) },
                program,
                options
            )
        )
    },
    "silent-rank": stage { number, _ in number == 1 ? .stop : .failLater(milliseconds: 500) },
]

/// A stage whose `collect` or `save` throws.
struct Breaking: JobGenerator {
    struct Work: Job {
        static let name = "breaking"
        var step: String

        func run(_ context: JobContext) -> String { step }

        static func collect(_ results: [String]) throws -> [String] {
            if results.first == "collect" { throw InputFailure(description: "collect broke") }
            return results
        }

        static func save(_ collected: [String], in directory: RunDirectory) throws {
            if collected.first == "save" { throw InputFailure(description: "save broke") }
        }
    }

    struct InputFailure: Error, CustomStringConvertible { let description: String }

    var step: String

    func generate(
        from arguments: Int,
        after previous: Void,
        yield: (Work) async throws -> Void
    ) async throws {
        for _ in 0..<arguments { try await yield(Work(step: step)) }
    }
}

/// The first of two stages: squares, collected to their sum.
struct Squares: JobGenerator {
    struct Work: Job {
        static let name = "squares"
        var number: Int
        func run(_ context: JobContext) -> Int { number * number }
        static func collect(_ results: [Int]) -> Int { results.reduce(0, +) }
    }

    func generate(
        from arguments: Int,
        after previous: Void,
        yield: (Work) async throws -> Void
    ) async throws {
        for number in 0..<arguments { try await yield(Work(number: number)) }
    }
}

/// The second: as many jobs as the sum has bits.
struct Halves: JobGenerator {
    struct Work: Job {
        static let name = "halves"
        var sum: Int
        var bit: Int
        func run(_ context: JobContext) -> Int { (sum >> bit) & 1 }
    }

    func generate(
        from arguments: Int,
        after previous: Int,
        yield: (Work) async throws -> Void
    ) async throws {
        for bit in 0..<16 { try await yield(Work(sum: previous, bit: bit)) }
    }
}

/// A stage that must not be reached.
struct Never: JobGenerator {
    func generate(
        from arguments: Plan,
        after previous: [Work.Output],
        yield: (Work) async throws -> Void
    ) async throws {
        fatalError("a stage ran after one that failed")
    }
}
