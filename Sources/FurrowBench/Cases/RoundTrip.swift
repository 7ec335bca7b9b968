import ArgumentParser
import CBareMPI
import Furrow
import MPI
import Synchronization

/// Makes a job when the one before it has ended, and notes how long each took.
struct OneAtATime: JobGenerator {
    /// Lets the generator wait until rank 0 has received the end of its job.
    final class Turnstile: Sendable {
        private let state = Mutex<(isOpen: Bool, waiter: CheckedContinuation<Void, Never>?)>(
            (false, nil)
        )

        func open() {
            let waiter = state.withLock { state in
                defer { state = (state.waiter == nil, nil) }
                return state.waiter
            }
            waiter?.resume()
        }

        func pass() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.waiter = continuation }
                    defer { state.isOpen = false }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }
    }

    let turnstile = Turnstile()
    let times = Mutexed<[Duration]>([])

    func generate(
        from rounds: Int,
        after previous: Void,
        yield: (Point) async throws -> Void
    ) async throws {
        for round in 0..<rounds {
            let start = ContinuousClock.now
            try await yield(Point(index: round, lr: 0.1, momentum: 0, seed: 42))
            await turnstile.pass()
            let time = ContinuousClock.now - start
            times.value.withLock { $0.append(time) }
        }
    }
}

/// A mutable value shared by copies of a struct.
final class Mutexed<Value: Sendable>: Sendable {
    let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
}

/// `furrow-bench roundtrip`
struct RoundTrip: CollectiveCommand {
    static let configuration = CommandConfiguration(
        commandName: "roundtrip",
        abstract: "The time from making a job to receiving its end, one job at a time."
    )

    @Option(help: "How many jobs.")
    var jobs = 20_000

    @OptionGroup var output: OutputOptions

    @MPIActor
    func run() async throws {
        let world = try MPISession.start()
        guard world.size > 1 else { throw UsageError("roundtrip needs at least two ranks") }
        let generator = OneAtATime()
        var options = RunOptions()
        options.onProgress = { [turnstile = generator.turnstile] _ in turnstile.open() }
        let results = try await ParallelRunner(generator, options: options).run(jobs) ?? []
        var bare = [Int64](repeating: 0, count: jobs)
        let code = bare_ping_pong(Int32(jobs), 64, &bare)
        try WrongResult.unless(code == 0, "the ping-pong ended with MPI error \(code)")
        guard world.rank == 0 else { return }
        try WrongResult.unless(
            results.map(\.index) == Array(0..<jobs),
            "\(results.count) results of \(jobs) jobs, or in another order"
        )
        let times = Sample(generator.times.value.withLock { $0 }.map { $0 / .microseconds(1) })
        let floor = Sample(bare.map { Double($0) / 1000 })
        try output.print(
            Measurement("roundtrip", times.median, "µs")
                .with("99th percentile", times.quantile(0.99), "µs")
                .with("bare ping-pong", floor.median, "µs")
                .with("its 99th percentile", floor.quantile(0.99), "µs")
        )
    }
}
