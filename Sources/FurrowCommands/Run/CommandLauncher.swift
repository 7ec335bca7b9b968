import FurrowCore
import FurrowDevices
import FurrowRuns
import FurrowSweeps
import FurrowSystem
import Synchronization

/// Runs commands on one rank, one at a time.
final class CommandLauncher: Sendable {
    /// The most bytes of a command's output shown when it ends.
    private static let shownBytes = 16 << 20

    /// The settings of a launcher.
    struct Setting: Sendable {
        var stage: StageSettings
        /// The stage's number in the sweep, from 1.
        var stageNumber: Int
        /// How often a failed job is retried.
        var retries: Int
        var output: OutputFolder
        /// The results of the previous stage; empty in the first.
        var previousResults = ""
        var grace: Duration
        /// Whether output is shown when a command ends.
        var printsOutput = false
        var rank: Int
        /// For messages.
        var host: String
    }

    private let setting: Setting
    private let output: WorkerOutput
    private let scratch: NodeScratch
    private let supervisors: Supervisors
    private let metrics: MetricExtraction
    private let baseEnvironment: [[UInt8]]
    private let missing = Mutex<Set<String>>([])

    init(_ setting: Setting) throws {
        self.setting = setting
        metrics = try MetricExtraction(setting.stage.metrics)
        scratch = try NodeScratch()
        do {
            output = try WorkerOutput(in: setting.output, rank: setting.rank)
        } catch {
            NodeScratch.remove(scratch.directory)
            throw error
        }
        supervisors = Supervisors(
            at: "rank \(setting.rank) on \(setting.host)",
            scratch: scratch,
            bindsToCores: setting.stage.bindsToCores
        )
        baseEnvironment = CommandEnvironment.base
    }

    /// Ends the supervisor, which cleans up.
    func close() {
        supervisors.close()
        output.close()
    }

    /// Syncs the output of the commands that ended.
    func sync() throws(FileError) { try output.sync() }

    func run(_ job: CommandJob, _ context: JobContext) async throws {
        var jobContext = CommandContext(parameters: job.parameters, job: context.index + 1)
        jobContext.taskID = context.taskID
        jobContext.device = context.device?.name ?? ""
        jobContext.attempt = context.attempt
        jobContext.runDirectory = setting.output.layout.directory
        jobContext.previousResults = setting.previousResults
        let names = output.names(
            of: RunningAttempt(
                stage: setting.stageNumber,
                job: jobContext.job,
                attempt: jobContext.attempt
            )
        )
        do {
            try output.renew()
        } catch {
            throw RunFault("a command's output cannot be kept: \(error)")
        }
        do {
            try scratch.renew()
        } catch {
            throw CommandFailure(
                "the folder of $FURROW_RESULT cannot be cleared: \(error)",
                errors: []
            )
        }
        let outcome = try await supervisors.run(request(jobContext, context, names))
        try await finish(outcome, context, names)
    }

    private func request(
        _ jobContext: CommandContext,
        _ context: JobContext,
        _ names: [String]
    ) -> ProcessRequest {
        let stage = setting.stage
        var variables: [(String, [UInt8])] = [
            ("FURROW_JOB", Array("\(jobContext.job)".utf8)),
            ("FURROW_TASK_ID", Array("\(jobContext.taskID ?? 0)".utf8)),
            ("FURROW_ATTEMPT", Array("\(jobContext.attempt)".utf8)),
            ("FURROW_RUN_DIR", Array(jobContext.runDirectory.utf8)),
            ("FURROW_PARAMS", Array(jobContext.parameters.json.utf8)),
        ]
        if !jobContext.previousResults.isEmpty {
            variables.append(("FURROW_PREVIOUS_RESULTS", Array(jobContext.previousResults.utf8)))
        }
        if let device = context.device {
            variables += device.variables(in: processEnvironment()).map {
                ($0.name, Array($0.value.utf8))
            }
        }
        variables += stage.environment.map { ($0.name, $0.value.render(jobContext)) }
        let entries =
            [scratch.variable] + variables.map { Array("\($0)=".utf8) + $1 }
            + stage.command.environment(jobContext)
        return ProcessRequest(
            arguments: stage.command.arguments(jobContext),
            environment: CommandEnvironment.setting(entries, in: baseEnvironment),
            directory: stage.directory?.render(jobContext),
            output: output.out.running,
            errors: output.err.running,
            names: names,
            timeout: stage.timeout,
            grace: setting.grace
        )
    }

    /// Keeps what a command left, and throws if it failed.
    private func finish(
        _ outcome: ProcessOutcome,
        _ context: JobContext,
        _ names: [String]
    ) async throws {
        var reason = CommandFailure.reason(outcome, timeout: setting.stage.timeout)
        var metrics: [JSON.Member] = []
        do {
            let found = try self.metrics.find(in: output.out, result: scratch.readResult())
            metrics = found.values
            if reason == nil {
                if !found.missingRequired.isEmpty {
                    reason = "the metric '\(found.missingRequired[0])' is missing"
                }
                warn(of: found.missing, context)
            }
        } catch {
            if reason == nil { reason = "its metrics cannot be read: \(message(of: error))" }
        }
        let errors = reason == nil ? [] : output.err.tail(most: 4096)
        if setting.printsOutput { context.show(shown(of: context)) }
        // SLURM signals the commands together with their ranks: that is no failure of theirs.
        var isCancelled = false
        if !outcome.timedOut {
            isCancelled = outcome.stopped && Task.isCancelled
            if case .signalled(let number) = outcome.end, Interruption.signal == number {
                isCancelled = true
            }
        }
        // It is unknown whether the supervisor had renamed them before it was killed.
        let known = outcome.isNamed || outcome.end == .lost ? names : []
        let result: CommandResult
        do {
            result = CommandResult(
                outcome: outcome,
                isTriedAgain: reason != nil && !isCancelled && context.attempt <= setting.retries,
                start: output.start,
                out: try output.out.move(known: known),
                err: try output.err.move(known: known),
                metrics: metrics
            )
        } catch {
            throw RunFault("a command's output cannot be kept: \(error)")
        }
        context.record(result.json)
        if isCancelled { throw CancellationError() }
        if let reason { throw CommandFailure(reason, errors: errors) }
    }

    /// A metric that is missing is told of once, not for every job.
    private func warn(of names: [String], _ context: JobContext) {
        for name in names where missing.withLock({ $0.insert(name).inserted }) {
            let job = context.index + 1
            context.show(
                Array("Warning: job \(job) did not report the metric '\(name)'\n".utf8)
            )
        }
    }

    /// A command's output and errors, its number in front of each line.
    private func shown(of context: JobContext) -> [UInt8] {
        let tag = Array("\(context.index + 1)\t".utf8)
        var text: [UInt8] = []
        for stream in [output.out, output.err] {
            let bytes = stream.read(at: 0, most: Self.shownBytes)
            for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                .dropLast(bytes.last == UInt8(ascii: "\n") || bytes.isEmpty ? 1 : 0)
            {
                text += tag + line + [UInt8(ascii: "\n")]
            }
            let rest = stream.size - bytes.count
            if rest > 0 { text += tag + Array("… and \(rest) bytes more\n".utf8) }
        }
        return text
    }
}
