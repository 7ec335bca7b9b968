import ArgumentParser
import Foundation
import Furrow
import Glibc
import MPI
import Synchronization

/// What can be done with the results of a stage, and with what its jobs share: a line a rank for
/// each.
struct Observed: FurrowProgram, CollectiveCommand {
    static let configuration = CommandConfiguration(commandName: "observed")

    @Option var count = 200
    /// A folder with a folder `journal`, for a run that is kept.
    @Option var directory: String?
    /// Each of the first stages kills a rank.
    @Flag var loses = false
    @Option var isolation = Isolation.none

    func run() async throws {
        let world = try await MPISession.start()
        for (name, run) in cases {
            let told: String
            do {
                told = try await run()
            } catch let error as ParallelExecutionError {
                let failure = error.failure
                told =
                    "threw \(failure.cause), \(failure.counts.succeeded) succeeded: "
                    + (failure.failures.first?.message ?? failure.message)
            }
            FileOutput.write("rank \(world.rank): \(name): \(told)\n")
        }
    }

    private var options: RunOptions {
        var options = RunOptions()
        options.onFailure = .continue
        options.grace = .milliseconds(300)
        options.isolation = isolation
        options.journal = directory.map { Journal(directory: $0) }
        if loses { options.onLoss = .continue }
        return options
    }

    private func halves(_ name: String) -> ParallelRunner<Jobs<Half, Void, Void>> {
        let trap = loses ? directory.map { "\($0)/\(name) was here" } : nil
        return ParallelRunner(
            Jobs((0..<count).map { Half(number: $0, trap: trap) }),
            options: options
        )
    }

    private var cases: [(String, () async throws -> String)] {
        if loses { return [("onResult", observe), ("reduce", reduce), ("saving", save)] }
        return [
            ("onResult", observe), ("results", stream), ("failing observer", failObserving),
            ("reduce", reduce), ("saving", save), ("prepared", prepare), ("sharing", share),
            ("timeout", timeOut), ("map", map),
        ]
    }

    private func observe() async throws -> String {
        let seen = Mutex<[Int: Double]>([:])
        let collected = try await halves("observe").onResult { job, half in
            seen.withLock { $0[job.number, default: 0] += half }
        }.run(())
        let all = seen.withLock { $0 }
        let isRight = all.allSatisfy { Double($0.key) / 2 == $0.value }
        return "\(all.count) seen, right \(isRight), \(collected?.count ?? 0) collected"
    }

    private func stream() async throws -> String {
        var sum = 0.0
        for try await (job, half) in halves("results").results(from: ()) {
            sum += half + Double(job.number)
        }
        return "\(sum)"
    }

    private func failObserving() async throws -> String {
        _ = try await halves("fail").onResult { job, _ in
            if job.number == 3 { throw InputError("not this one") }
        }.run(())
        return "no error"
    }

    private func reduce() async throws -> String {
        let sum = try await halves("reduce").reduce(into: Moments()) {
            $0.add($1)
        } combining: {
            $0.add($1)
        }.run(())
        return sum.map { "\($0.count) results, mean \($0.mean), variance \($0.variance)" } ?? "nil"
    }

    private func save() async throws -> String {
        let saved = Mutex(0)
        let collected = try await halves("save").saving { pairs, _ in
            let isRight = pairs.enumerated().allSatisfy {
                $1.job.number == $0 && $1.result == Double($0) / 2
            }
            saved.withLock { $0 = isRight ? pairs.count : -1 }
        }.run(())
        return "\(saved.withLock { $0 }) saved, \(collected?.count ?? 0) collected"
    }

    private func prepare() async throws -> String {
        let names = try await ParallelRunner(
            Jobs((0..<20).map { Prepared(number: $0) }),
            options: options
        ).run(())
        let workers = max(1, try await MPISession.start().size - 1)
        let isOnce = Set(names ?? []).count <= workers
        let counts = Prepared.counts.withLock { $0 }
        return "\(names?.count ?? 0) jobs, once a worker \(isOnce), made \(counts.made <= 1), "
            + "let go of \(counts.made == counts.released)"
    }

    private func share() async throws -> String {
        let sums = try await ParallelRunner(
            Jobs((0..<5).map { Sharing(place: $0) }),
            options: options
        ).sharing { _, _ in (0..<1000).map { Double($0) } }.run(())
        return "\(sums ?? [])"
    }

    private func timeOut() async throws -> String {
        let turns = try await ParallelRunner(
            Jobs((0..<6).map { Slow(turn: $0) }),
            options: options
        ).run(())
        return "\(turns ?? [])"
    }

    private func map() async throws -> String {
        var options = options
        options.stage = "squares"
        let squares = try await ParallelRunner.map(1...5, options: options) { value, context in
            context.index + 1 == value ? value * value : -1
        }
        return "\(squares ?? [])"
    }
}

struct Half: Job {
    var number: Int
    /// Where the first worker that has job 30 notes that it dies of it.
    var trap: String?

    func run(_ context: JobContext) async throws -> Double {
        guard let trap else { return Double(number) / 2 }
        try await Task.sleep(for: .milliseconds(3))
        if number == 30, mkdir(trap, 0o777) == 0 { kill(getpid(), SIGKILL) }
        return Double(number) / 2
    }
}

/// The sums from which mean and variance are computed.
struct Moments: Codable {
    var count = 0
    var sum = 0.0
    var squares = 0.0

    var mean: Double { sum / Double(count) }
    var variance: Double { squares / Double(count) - mean * mean }

    mutating func add(_ value: Double) {
        count += 1
        sum += value
        squares += value * value
    }

    mutating func add(_ other: Moments) {
        count += other.count
        sum += other.sum
        squares += other.squares
    }
}

struct Prepared: PreparedJob {
    static let counts = Mutex((made: 0, released: 0))

    var number: Int

    static func prepare(_ context: JobContext) async throws -> String {
        try await Task.sleep(for: .milliseconds(1))
        counts.withLock { $0.made += 1 }
        return "made by \(context.taskID ?? -1)"
    }

    static func tearDown(_ resource: String) async { counts.withLock { $0.released += 1 } }

    func run(_ resource: String, _ context: JobContext) -> String { resource }
}

struct Sharing: Job {
    var place: Int

    func run(_ context: JobContext) -> Double { context.shared([Double].self)?[place] ?? -1 }
}

/// One ignores its cancellation, one heeds it.
struct Slow: Job {
    static let timeout: Duration? = .milliseconds(200)

    var turn: Int

    func run(_ context: JobContext) async throws -> Int {
        switch turn {
        case 1: try await Task.sleep(for: .seconds(60))
        case 3: usleep(3_000_000)
        default: break
        }
        return turn
    }
}
