import Glibc

/// Runs a generator's jobs one after the other in this process, without MPI.
public struct SerialRunner<Generator: JobGenerator>: Runner {
    private let generator: Generator
    private let options: RunOptions

    /// - Parameters:
    ///   - generator: makes the jobs.
    ///   - options: the failure policy, the progress display and the run directory are used.
    public init(_ generator: Generator, options: RunOptions = RunOptions()) {
        self.generator = generator
        self.options = options
    }

    public var stage: String { Generator.Work.name }

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
        let device = Device.assigned(localIndex: 0, environment: processEnvironment())
        let seat = Seat(host: hostName(), device: device, logLevel: options.logLevel)
        var tally = StageTally(stage: stage)
        var outputs: [Generator.Work.Output] = []
        do {
            let total = try generator.count(from: arguments, after: previous)
            var progress = Progress(options.progress, stage: stage, total: total)
            var index = 0
            var isStopped = false
            do {
                try await generator.generate(from: arguments, after: previous) { job in
                    // Also for a generator that goes on after it was told to stop.
                    if isStopped { throw CancellationError() }
                    do {
                        outputs.append(try await seat.run(job, index: index))
                        tally.counts.succeeded += 1
                    } catch {
                        tally.counts.failed += 1
                        if tally.failures.count < StageFailure.detailLimit {
                            tally.failures.append(
                                seat.failure(of: job, index: index, .failed, message(of: error))
                            )
                        }
                    }
                    index += 1
                    progress.update(tally.counts)
                    if tally.counts.failed > 0, options.onFailure != .continue {
                        isStopped = true
                        throw CancellationError()
                    }
                }
            } catch  where isStopped {
                // A job failed: what the generator makes of that is no failure of its own.
            }
            if isStopped { tally.counts.notRun = max(0, (total ?? index) - index) }
            progress.finish(tally.counts)
        } catch {
            tally.cause = (StageFailure.Cause(of: error, otherwise: .generator), message(of: error))
        }
        let results = outputs
        return await tally.conclude(Generator.Work.self, in: options.directory) { results }
    }
}

func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
