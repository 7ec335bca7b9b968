import FurrowRuns
import FurrowSystem
import MPI

/// A runner that hands over each result on rank 0 as its job ends. Made by
/// ``ParallelRunner/onResult(_:)``.
public struct ObservingRunner<Generator: JobGenerator>: ParallelVariant {
    public typealias Arguments = Generator.Arguments
    public typealias Previous = Generator.Previous
    public typealias Output = Generator.Work.Collected

    let runner: ParallelRunner<Generator>
    let observe: @Sendable (Generator.Work, Generator.Work.Output) async throws -> Void

    @MPIActor
    func runCollectively(
        _ arguments: Generator.Arguments?,
        after previous: Generator.Previous?
    ) async throws -> Generator.Work.Collected? {
        let (parts, parcel) = AsyncStream.makeStream(of: [UInt8].self)
        // A rank may die after it has sent a result and before it has recorded it.
        let canRepeat = runner.canRepeatJobs
        let observer = Task(priority: .jobs) { [observe] in
            var observed: Set<Int> = []
            for await part in parts {
                var start = 0
                while start < part.count {
                    let (number, job, output) = try ObservedJob<Generator.Work>.parcel(
                        in: part,
                        at: &start
                    )
                    if canRepeat, !observed.insert(number).inserted { continue }
                    try await observe(job, output)
                }
            }
        }
        let observing = runner.replacing {
            WrappingGenerator(inner: $0) { ObservedJob($0) { parcel.yield($0) } }
        } _: {
            $0.onEmitted = { parcel.yield($0) }
        }
        var collected: Generator.Work.Collected?
        var failure: (any Error)?
        do {
            collected = try await observing.run(arguments, after: previous)
        } catch let error where error is ParallelExecutionError {
            failure = error
        }
        parcel.finish()
        let end = await observer.result
        if let failure { throw failure }
        let world = try MPISession.start()
        try world.agree(stage: stage, blaming: .collect) { try end.get() }
        return collected
    }
}

extension ParallelRunner {
    /// This runner with a function that gets each job and its result on rank 0, in the order in which
    /// the jobs end: to report them, to save them, to draw. Results of earlier runs come first.
    ///
    ///     ParallelRunner(generator).onResult { job, score in print(job.rate, score) }
    ///
    /// - Parameter observe: the function. It is called for one result after the other, beside the
    ///   thread that deals jobs. Its error ends the stage, at its end.
    public func onResult(
        _ observe: @escaping @Sendable (Generator.Work, Generator.Work.Output) async throws -> Void
    ) -> ObservingRunner<Generator> {
        ObservingRunner(runner: self, observe: observe)
    }

    /// Runs the stage and gives each job and its result in the order in which the jobs end. Every
    /// rank must call it and iterate to the end; on ranks other than 0 there are no elements.
    ///
    ///     for try await (job, score) in runner.results(from: arguments) { … }
    ///
    /// - Parameters:
    ///   - arguments: the generator's arguments; only rank 0's are used.
    ///   - previous: the previous stage's collected value; only rank 0's is used.
    /// - Returns: the results. Iterating throws `ParallelExecutionError` at the end if the stage
    ///   failed, the same on every rank.
    public func results(
        from arguments: Generator.Arguments?,
        after previous: Generator.Previous?
    ) -> AsyncThrowingStream<(job: Generator.Work, result: Generator.Work.Output), any Error> {
        AsyncThrowingStream { stream in
            Task {
                do {
                    let observing = onResult { stream.yield(($0, $1)) }
                    _ = try await observing.run(arguments, after: previous)
                    stream.finish()
                } catch {
                    stream.finish(throwing: error)
                }
            }
        }
    }
}

extension ParallelRunner where Generator.Previous == Void {
    /// The same for a stage that needs no previous one.
    public func results(
        from arguments: Generator.Arguments?
    ) -> AsyncThrowingStream<(job: Generator.Work, result: Generator.Work.Output), any Error> {
        results(from: arguments, after: ())
    }
}

/// A job that sends itself and its result to rank 0 as it ends.
struct ObservedJob<Inner: Job>: WrappedJob, JournalsOtherwise {
    typealias Output = Inner.Output
    typealias Collected = Inner.Collected

    let inner: Inner
    /// Takes the result of an earlier run, on rank 0.
    private let deliver: @Sendable ([UInt8]) -> Void

    static var outputCoding: WireCoding<Output> { Inner.outputCoding }

    init(_ inner: Inner) { self.init(inner) { _ in } }

    init(_ inner: Inner, deliver: @escaping @Sendable ([UInt8]) -> Void) {
        self.inner = inner
        self.deliver = deliver
    }

    func run(_ context: JobContext) async throws -> Output {
        let output = try await inner.run(context)
        context.executor.emitted.append(try parcel(output, of: context.index))
        return output
    }

    func restore(_ recorded: Output, of number: Int) -> Output {
        // What cannot be coded fails when it is sent, not here.
        if let parcel = try? parcel(recorded, of: number) { deliver(parcel) }
        return recorded
    }

    static func collect(_ results: [Output]) async throws -> Collected {
        try await Inner.collect(results)
    }

    static func save(_ collected: Collected, in directory: RunDirectory) async throws {
        try await Inner.save(collected, in: directory)
    }

    // MARK: The job and its result in one piece

    private func parcel(_ output: Output, of number: Int) throws -> [UInt8] {
        var job: [UInt8] = []
        var result: [UInt8] = []
        try Inner.coding.makeEncoder()(inner, &job)
        try Inner.outputCoding.makeEncoder()(output, &result)
        var parcel: [UInt8] = []
        parcel.append(integer: number)
        parcel.append(integer: job.count)
        parcel.append(integer: result.count)
        return parcel + job + result
    }

    static func parcel(
        in bytes: [UInt8],
        at start: inout Int
    ) throws -> (number: Int, job: Inner, Output) {
        let number = bytes.integer(at: start)
        let (jobSize, resultSize) = (bytes.integer(at: start + 8), bytes.integer(at: start + 16))
        let job = start + 24..<start + 24 + jobSize
        let result = job.upperBound..<job.upperBound + resultSize
        start = result.upperBound
        return try bytes.withUnsafeBytes { bytes in
            (
                number,
                try Inner.coding.makeDecoder()(UnsafeRawBufferPointer(rebasing: bytes[job])),
                try Inner.outputCoding.makeDecoder()(
                    UnsafeRawBufferPointer(rebasing: bytes[result])
                )
            )
        }
    }
}
