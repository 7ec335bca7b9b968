import Glibc

/// Runs a generator's jobs one after the other in this process, without MPI.
public struct SerialRunner<Generator: JobGenerator>: Runner {
    private let generator: Generator
    private let options: RunOptions

    /// - Parameters:
    ///   - generator: makes the jobs.
    ///   - options: how the stage runs; the schedule and the number of workers do not matter.
    public init(_ generator: Generator, options: RunOptions = RunOptions()) {
        self.generator = generator
        self.options = options
    }

    public var stage: String { options.stage ?? Generator.Work.name }

    /// Runs the stage in the process that calls.
    ///
    /// - Throws: ``SerialExecutionError``.
    public func run(
        _ arguments: Generator.Arguments?,
        after previous: Generator.Previous?
    ) async throws -> Generator.Work.Collected? {
        guard let arguments, let previous else { return nil }
        let (collected, failure) = await run(from: arguments, after: previous)
        if let failure { throw SerialExecutionError(failure: failure) }
        return collected
    }

    func run(
        from arguments: Generator.Arguments,
        after previous: Generator.Previous
    ) async -> (collected: Generator.Work.Collected?, failure: StageFailure?) {
        let stage = SerialStage(generator, stage: stage, options: options)
        let run = Task { await stage.run(from: arguments, after: previous) }
        // Jobs that run when the stage is interrupted have the grace period to end.
        let watch = Task {
            let interval = Duration.milliseconds(20)
            let limit = options.lastMoment
            while Interruption.signal == nil, limit.map({ .now < $0 }) ?? true {
                try await Task.sleep(for: interval)
            }
            let graceEnd = ContinuousClock.now + options.grace
            let end = min(graceEnd, limit ?? graceEnd)
            while !Interruption.isUrgent, ContinuousClock.now < end {
                try await Task.sleep(for: interval)
            }
            run.cancel()
        }
        var end = await run.value
        watch.cancel()
        let outputs = end.outputs
        return await end.tally.conclude(Generator.Work.self, end.ledger, options) { kept in
            (outputs + kept).sorted { $0.number < $1.number }.map(\.1)
        }
    }
}

func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
