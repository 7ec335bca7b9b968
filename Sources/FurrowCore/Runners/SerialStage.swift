import FurrowDevices
import FurrowRuns
import FurrowScheduling
import FurrowSystem

/// Runs the jobs of one stage one after the other.
struct SerialStage<Generator: JobGenerator>: Sendable {
    typealias Work = Generator.Work

    /// What there is to conclude from.
    struct End: Sendable {
        var tally: StageTally
        var ledger: StageLedger
        var outputs: [(number: Int, Work.Output)] = []
    }

    private let generator: Generator
    private let stage: StageIdentity
    private let options: RunOptions

    init(_ generator: Generator, stage: StageIdentity, options: RunOptions) {
        self.generator = generator
        self.stage = stage
        self.options = options
    }

    func run(from arguments: Generator.Arguments, after previous: Generator.Previous) async -> End {
        var end = End(
            tally: StageTally(stage: stage.name),
            ledger: StageLedger(stage: stage, index: nil)
        )
        do {
            end.ledger = try StageLedger(stage: stage, journal: options.journal)
            let total = try generator.count(from: arguments, after: previous)
            let ledger = end.ledger
            var bench = Bench(stage: stage, total: total, options: options)
            do {
                try await generator.generate(from: arguments, after: previous) { job in
                    try bench.checkStop()
                    guard let ticket = try ledger.enter(job) else { return }
                    await bench.run(job, ticket)
                    bench.keep(ledger.keptCounts)
                    if bench.isStopped { throw CancellationError() }
                }
            } catch  where bench.isStopped {
                // What the generator makes of the end is no failure of its own.
            } catch {
                bench.tally.blame(.generator, error)
            }
            bench.finish(keeping: ledger.keptCounts)
            (end.tally, end.outputs) = (bench.tally, bench.outputs)
        } catch {
            end.tally.blame(.generator, error)
        }
        return end
    }

    /// Where the jobs run.
    private struct Bench {
        private let seat: Seat
        private let options: RunOptions
        private let screen = Screen()
        private let stateFile: StateFile?
        private var progress: Progress
        private var jobTimes = JobTimes()
        private(set) var isStopped = false
        private(set) var outputs: [(number: Int, Work.Output)] = []
        var tally: StageTally

        init(stage: StageIdentity, total: Int?, options: RunOptions) {
            let devices = NodeDevices(
                options.deviceKind,
                environment: processEnvironment(),
                driver: DeviceDriver()
            )
            let device = devices?.assigned(to: 0, count: options.devicesPerJob)
            seat = Seat(stage: stage, host: hostName(), device: device, options: options) {
                [screen] in screen.append($0)
            }
            self.options = options
            progress = Progress(options.progress, stage: stage.name, total: total)
            stateFile = options.journal.map { StateFile(in: $0.directory) }
            tally = StageTally(stage: stage.name)
        }

        /// - Throws: `CancellationError` once no more jobs are to start, also to a generator that
        ///   goes on after it was told.
        mutating func checkStop() throws(CancellationError) {
            if !isStopped, let reason = reasonToStop {
                tally.interruption = reason
                tally.isExhausted = false
                isStopped = true
            }
            if isStopped { throw CancellationError() }
        }

        private var reasonToStop: Interruption.Reason? {
            if let signal = Interruption.signal { return .signal(signal) }
            guard let lastMoment = options.lastMoment else { return nil }
            let end = ContinuousClock.now + .seconds(jobTimes.expected ?? 0)
            return end >= lastMoment ? .timeLimit : nil
        }

        mutating func run(_ job: Work, _ ticket: JobTicket) async {
            stateFile?.update(state(running: ticket.number))
            let start = ContinuousClock.now
            let end = await seat.run(job, ticket) { outputs.append((ticket.number, $0)) }
            jobTimes.record(jobs: 1, seconds: (.now - start).seconds)
            switch end {
            case .success:
                tally.counts.succeeded += 1
            case .failure(let failure):
                if failure.state == .cancelled {
                    tally.counts.cancelled += 1
                    // A job that was cut short is the first of those that do not fit.
                    if tally.interruption == nil { tally.interruption = reasonToStop }
                } else {
                    tally.counts.failed += 1
                    if options.onFailure != .continue { isStopped = true }
                }
                add(failure)
            case .fault(let failure):
                tally.counts.failed += 1
                tally.cause = (.journal, failure.message)
                isStopped = true
                add(failure)
            }
            progress.show(screen.take())
            progress.update(tally.counts)
            options.onProgress?(tally.counts)
        }

        private mutating func add(_ failure: JobFailure) {
            progress.show([failure])
            if tally.failures.count < StageFailure.detailLimit { tally.failures.append(failure) }
        }

        mutating func keep(_ kept: (succeeded: Int, failed: Int)) {
            tally.keep(kept)
            progress.update(tally.counts)
        }

        private func state(running number: Int?) -> RunState {
            RunState(
                stage: tally.stage,
                total: progress.total,
                counts: tally.counts,
                running: number.map {
                    [RunState.Running(taskID: 0, job: $0 + 1, since: StateFile.now)]
                } ?? []
            )
        }

        /// Ends the display and the records.
        mutating func finish(keeping kept: (succeeded: Int, failed: Int)) {
            tally.keep(kept)
            if isStopped, let total = progress.total {
                tally.counts.notRun = max(0, total - tally.counts.done)
            }
            do {
                try seat.journal?.close()
            } catch {
                tally.blame(.journal, error)
            }
            progress.finish(tally.counts)
            stateFile?.finish(state(running: nil))
        }
    }
}
