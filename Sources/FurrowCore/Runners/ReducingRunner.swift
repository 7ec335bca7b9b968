import FurrowRuns
import FurrowSystem
import MPI
import Synchronization

/// A runner that adds results up where they arise, and the sums of all workers up a tree. Its
/// value is the sum. Made by ``ParallelRunner/reduce(into:_:combining:)``.
public struct ReducingRunner<Generator: JobGenerator, Sum: Codable & Sendable>: ParallelVariant {
    public typealias Arguments = Generator.Arguments
    public typealias Previous = Generator.Previous
    public typealias Output = Sum

    let runner: ParallelRunner<Generator>
    let initial: Sum
    let add: @Sendable (inout Sum, Generator.Work.Output) throws -> Void
    let combine: @Sendable (inout Sum, Sum) throws -> Void

    @MPIActor
    func runCollectively(
        _ arguments: Generator.Arguments?,
        after previous: Generator.Previous?
    ) async throws -> Sum? {
        let own = Accumulator(initial, add)
        let reducing = runner.replacing {
            WrappingGenerator(inner: $0) { ReducedJob($0, into: own) }
        } _: {
            $0.accumulator = own
        }
        _ = try await reducing.run(arguments, after: previous)
        let world = try MPISession.start()
        return try world.reduce(own.take(), stage: stage, combine)
    }
}

extension ParallelRunner {
    /// This runner with a sum in place of collected results: each worker adds up its own results, and
    /// the sums travel up a tree of the ranks. So no rank ever holds all results, and `collect` and
    /// `save` of the job are not called.
    ///
    ///     ParallelRunner(samples).reduce(into: Moments()) { $0.add($1) } combining: { $0.add($1) }
    ///
    /// Which worker adds which results, and in which order, differs from run to run; sums of
    /// floating-point numbers differ in their last digits.
    ///
    /// - Parameters:
    ///   - initial: the sum of no results. It must not change what it is combined with.
    ///   - add: adds a result to a sum, on a worker. Its error is the failure of the result's job.
    ///   - combine: adds one sum to another.
    public func reduce<Sum: Codable & Sendable>(
        into initial: Sum,
        _ add: @escaping @Sendable (inout Sum, Generator.Work.Output) throws -> Void,
        combining combine: @escaping @Sendable (inout Sum, Sum) throws -> Void
    ) -> ReducingRunner<Generator, Sum> {
        ReducingRunner(runner: self, initial: initial, add: add, combine: combine)
    }
}

/// The sum of one rank's results.
final class Accumulator<Sum: Sendable, Result>: Sendable {
    private let sum: Mutex<Sum?>
    private let add: @Sendable (inout Sum, Result) throws -> Void

    init(_ initial: Sum, _ add: @escaping @Sendable (inout Sum, Result) throws -> Void) {
        sum = Mutex(initial)
        self.add = add
    }

    func add(_ result: Result) throws {
        try sum.withLock { sum in
            // An abandoned job may end after its stage.
            guard var own = sum.take() else { return }
            defer { sum = own }
            try add(&own, result)
        }
    }

    func take() -> Sum? { sum.withLock { $0.take() } }
}

/// Adds a result to an accumulator whose sum's type is not known.
private protocol Adding<Result>: Sendable {
    associatedtype Result
    func add(_ result: Result) throws
}

extension Accumulator: Adding {}

/// What is left of a result that was added up.
struct Added: Codable, Sendable, BitwiseCopyable {}

/// A job whose result is added to those of its worker.
struct ReducedJob<Inner: Job>: WrappedJob, JournalsOtherwise, AddsUp {
    typealias Output = Added
    typealias Collected = Void

    let inner: Inner
    /// Takes the result of an earlier run, on rank 0.
    private let own: (any Adding<Inner.Output>)?

    init(_ inner: Inner) {
        self.inner = inner
        own = nil
    }

    fileprivate init(_ inner: Inner, into own: any Adding<Inner.Output>) {
        self.inner = inner
        self.own = own
    }

    func run(_ context: JobContext) async throws -> Added {
        let result = try await inner.run(context)
        let options = context.executor.options
        try Self.sum(in: options.accumulator).add(result)
        if let standIn = options.standIn {
            // The sum of this process would be lost with it.
            var bytes: [UInt8] = []
            try WireEncoder().encode(result, into: &bytes)
            standIn.addUp(bytes)
        }
        context.recording?.output = result
        return Added()
    }

    private static func sum(in accumulator: (any Sendable)?) -> any Adding<Inner.Output> {
        guard let sum = accumulator as? any Adding<Inner.Output> else {
            preconditionFailure("a stage that reduces has an accumulator on every rank")
        }
        return sum
    }

    static func addUp(_ result: [UInt8], in accumulator: (any Sendable)?) throws {
        let result = try result.withUnsafeBytes {
            try WireDecoder().decode(Inner.Output.self, from: $0)
        }
        try sum(in: accumulator).add(result)
    }

    func restore(_ recorded: Inner.Output, of number: Int) -> Added {
        // An error of `add` fails the job when it runs, which this one did not.
        try? own?.add(recorded)
        return Added()
    }

    static func collect(_ results: [Added]) async throws {}
}

extension Communicator {
    /// Combines a value of every rank into one, up a binary tree. Collective.
    ///
    /// - Parameters:
    ///   - own: this rank's value.
    ///   - stage: the stage it belongs to.
    ///   - combine: adds one value to another.
    /// - Returns: the combined value on rank 0, `nil` elsewhere.
    /// - Throws: `ParallelExecutionError`, the same on every rank, if a value could not be coded or
    ///   combined.
    func reduce<Sum: Codable & Sendable>(
        _ own: Sum?,
        stage: String,
        _ combine: (inout Sum, Sum) throws -> Void
    ) throws -> Sum? {
        guard members.count > 1 else { return own }
        // The rank has the sum of this process.
        if isReplayed { return try agreeOnAll(stage: stage, blaming: .collect) { nil } }
        // Ranks may take different times to come here.
        try barrier()
        let channel = Channel(self)
        // Ranks that were lost have no place in the tree.
        guard let place = members.firstIndex(of: rank) else {
            preconditionFailure("a rank reduces that was lost")
        }
        var sum = own
        var problem: (any Error)?
        var early: [Int: [UInt8]] = [:]
        var step = 1
        while step < members.count {
            if place % (2 * step) == step {
                var bytes: [UInt8] = []
                do {
                    try WireEncoder().encode(sum, into: &bytes)
                } catch {
                    problem = problem ?? error
                    bytes = []
                }
                try channel.send(bytes, to: members[place - step], tag: Self.reduceTag)
                break
            }
            if place % (2 * step) == 0, place + step < members.count {
                let bytes = try receive(from: members[place + step], channel, keeping: &early)
                do {
                    // Nothing arrives where the sender has met a problem.
                    if let other = try Self.sum(of: Sum.self, in: bytes), var own = sum {
                        try combine(&own, other)
                        sum = own
                    }
                } catch {
                    problem = problem ?? error
                }
            }
            step *= 2
        }
        try channel.flush()
        return try agreeOnAll(stage: stage, blaming: .collect) {
            if let problem { throw problem }
            return rank == 0 ? sum : nil
        }
    }

    /// No tag of the dispatcher.
    private static var reduceTag: Int32 { 100 }

    private static func sum<Sum: Codable>(of type: Sum.Type, in bytes: [UInt8]) throws -> Sum? {
        guard !bytes.isEmpty else { return nil }
        return try bytes.withUnsafeBytes { try WireDecoder().decode(Sum?.self, from: $0) }
    }

    /// The next message from one rank. Those of later steps may come before it, and are kept.
    private func receive(
        from source: Int,
        _ channel: Channel,
        keeping early: inout [Int: [UInt8]]
    ) throws -> [UInt8] {
        let backoff = Backoff()
        let wakeup = Mailbox<Never>()
        while true {
            if let bytes = early.removeValue(forKey: source) { return bytes }
            if let message = try channel.receive() {
                early[message.source] = message.bytes
            } else {
                channel.rest(backoff, wakeup, isUrgent: true)
            }
        }
    }
}
