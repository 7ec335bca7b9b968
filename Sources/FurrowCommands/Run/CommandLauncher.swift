import FurrowCore
import FurrowDevices
import FurrowRuns
import FurrowSweeps
import FurrowSystem
import Glibc
import Synchronization

/// Runs commands on one rank, one at a time.
final class CommandLauncher: Sendable {
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
        /// The hosts of all ranks.
        var hosts: [String] = []
        /// Where rank 0 was started, and what commands start from there.
        var origin: CommandOrigin?
    }

    let setting: Setting
    let output: WorkerOutput
    let scratch: NodeScratch
    let supervisors: Supervisors
    /// What the node's workers share, where they share anything.
    let node: NodeShare?
    let progress = Mutex(HookProgress())
    private let memory = MemoryWatch()
    private let metrics: MetricExtraction
    private let baseEnvironment: [[UInt8]]
    /// Where commands run whose stage does not say; `nil`: where this rank does.
    private let directory: [UInt8]?
    private let missing = Mutex<Set<String>>([])

    init(_ setting: Setting) throws {
        self.setting = setting
        metrics = try MetricExtraction(setting.stage.metrics)
        directory = try setting.origin?.directory(for: setting.stage)
        let sharesNode = setting.stage.hooks.areOfNodes || setting.stage.delay != nil
        node = sharesNode ? try NodeShare(of: setting.output, stage: setting.stageNumber) : nil
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
            // Without a launcher that binds nobody has bound this process but its user.
            bindsToCores: setting.stage.bindsToCores
                || LaunchEnvironment(processEnvironment())?.mayBind != true
        )
        let own = CommandEnvironment.base
        baseEnvironment = setting.origin?.environment(on: setting.host, own: own) ?? own
    }

    /// Ends the supervisor, which cleans up.
    func close() {
        supervisors.close()
        output.close()
    }

    /// Syncs the output of the commands that ended.
    func sync() throws(FileError) { try output.sync() }

    func run(_ job: CommandJob, _ context: JobContext) async throws {
        try await setUp(for: context)
        if let delay = setting.stage.delay, let node {
            let (number, count) = nodeNumber
            try await node.waitForTurn(delay, node: number, of: count)
        }
        context.begin()
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
                attempt: jobContext.attempt,
                rank: setting.rank
            )
        )
        do {
            try output.renew()
        } catch {
            throw RunFault("a command's output cannot be kept: \(error)", of: .journal)
        }
        do {
            try scratch.renew()
        } catch {
            // An earlier command's doing, or the disk's, but not this job's.
            throw RunFault.ofWorker(
                "\(place): the folder of $FURROW_RESULT cannot be cleared: \(error)"
            )
        }
        let outcome = try await supervisors.run(try request(jobContext, context, names))
        try await finish(outcome, jobContext, context, names)
    }

    /// The number of this rank's host among those that have workers, and how many there are.
    private var nodeNumber: (Int, of: Int) {
        let workers = setting.hosts.count > 1 ? setting.hosts.dropFirst() : setting.hosts[...]
        var hosts: [String] = []
        for host in workers where !hosts.contains(host) { hosts.append(host) }
        return (hosts.firstIndex(of: setting.host) ?? 0, max(1, hosts.count))
    }

    /// What runs a command that is no job.
    func hookRequest(_ command: CommandTemplate, _ context: CommandContext) -> ProcessRequest {
        var variables: [(String, [UInt8])] = [
            ("FURROW_TASK_ID", Array("\(context.taskID ?? 0)".utf8)),
            ("FURROW_RUN_DIR", Array(context.runDirectory.utf8)),
        ]
        // Those without parameters: there is no job.
        variables += setting.stage.environment
            .filter { $0.value.isConstant }
            .map { ($0.name, $0.value.render(context)) }
        let entries =
            [scratch.variable] + variables.map { Array("\($0)=".utf8) + $1 }
            + command.environment(context)
        return ProcessRequest(
            arguments: command.arguments(context),
            environment: CommandEnvironment.setting(entries, in: baseEnvironment),
            directory: directory,
            output: output.out.running,
            errors: output.err.running,
            grace: setting.grace
        )
    }

    private func request(
        _ jobContext: CommandContext,
        _ context: JobContext,
        _ names: [String]
    ) throws -> ProcessRequest {
        let stage = setting.stage
        var variables: [(String, [UInt8])] = [
            ("FURROW_JOB", Array("\(jobContext.job)".utf8)),
            ("FURROW_TASK_ID", Array("\(jobContext.taskID ?? 0)".utf8)),
            ("FURROW_ATTEMPT", Array("\(jobContext.attempt)".utf8)),
            ("FURROW_RUN_DIR", Array(jobContext.runDirectory.utf8)),
            try parameters(jobContext),
        ]
        if !jobContext.previousResults.isEmpty {
            variables.append(("FURROW_PREVIOUS_RESULTS", Array(jobContext.previousResults.utf8)))
        }
        if let device = context.device {
            variables += device.variables(in: processEnvironment()).map {
                ($0.name, Array($0.value.utf8))
            }
        }
        variables += stage.environment.filter { !$0.value.lacksOption(jobContext) }
            .map { ($0.name, $0.value.render(jobContext)) }
        let entries =
            [scratch.variable] + variables.map { Array("\($0)=".utf8) + $1 }
            + stage.command.environment(jobContext)
        return ProcessRequest(
            arguments: stage.command.arguments(jobContext),
            environment: CommandEnvironment.setting(entries, in: baseEnvironment),
            directory: stage.directory(jobContext) ?? directory,
            output: output.out.running,
            errors: output.err.running,
            names: names,
            timeout: stage.timeout,
            outputLimit: stage.outputLimit,
            grace: setting.grace
        )
    }

    /// The variable with all parameters; if they do not fit into one, with the file that has them.
    private func parameters(_ context: CommandContext) throws -> (String, [UInt8]) {
        let json = Array(context.parameters.json.utf8)
        let name = "FURROW_PARAMS"
        guard name.utf8.count + json.count + 2 > Spawner.longestString else { return (name, json) }
        do {
            return ("\(name)_FILE", Array(try scratch.keep(parameters: json).utf8))
        } catch {
            throw CommandFailure("its parameters cannot be kept: \(error)", errors: [])
        }
    }

    /// Keeps what a command left, and throws if it failed.
    private func finish(
        _ outcome: ProcessOutcome,
        _ jobContext: CommandContext,
        _ context: JobContext,
        _ names: [String]
    ) async throws {
        let exits = setting.stage.exits
        var reason = CommandFailure.reason(
            outcome,
            timeout: setting.stage.timeout,
            success: exits.success,
            output: (try output.size(), setting.stage.outputLimit)
        )
        if let failed = reason, outcome.foreignSignal == SIGKILL, let verdict = memory.look() {
            reason = "\(failed): \(verdict)"
        }
        let isPermanent = !exits.areWorthRetry(
            CommandFailure.kind(outcome),
            isFailed: reason != nil
        )
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
        } catch let fault as RunFault {
            throw fault
        } catch {
            if reason == nil { reason = "its metrics cannot be read: \(message(of: error))" }
        }
        let errors = reason == nil ? [] : try output.err.tail(most: 4096)
        reason = reason.map { $0 + hint(at: setting.stage.command, jobContext, errors) }
        if setting.printsOutput { context.show(try output.shown(as: context.index + 1)) }
        let isCancelled = await outcome.wasCancelled(isFailed: reason != nil)
        // It is unknown whether the supervisor had renamed them before it was killed.
        let known = outcome.isNamed || outcome.end == .lost ? names : []
        let result = CommandResult(
            outcome: outcome,
            isTriedAgain: reason != nil && !isCancelled && !isPermanent
                && context.attempt <= setting.retries,
            start: output.start,
            out: try output.out.move(known: known, most: setting.stage.outputLimit),
            err: try output.err.move(known: known, most: setting.stage.outputLimit),
            metrics: metrics
        )
        context.record(result.json)
        if isCancelled { throw CancellationError() }
        if let reason {
            throw CommandFailure(reason, errors: errors, isPermanent: isPermanent)
        }
    }

    /// What to add to a failure of a script that needs another shell.
    func hint(
        at command: CommandTemplate,
        _ context: CommandContext,
        _ errors: [UInt8]
    ) -> String {
        guard let script = command.script(context),
            let hint = script.shell.hint(script.text, errors: errors)
        else { return "" }
        return "; \(hint)"
    }

    /// A metric that is missing is told of once, not for every job.
    private func warn(of names: [String], _ context: JobContext) {
        for name in names where missing.withLock({ $0.insert(name).inserted }) {
            let text = "Warning: job \(context.index + 1) did not report the metric '\(name)'\n"
            context.show(Array(text.utf8))
        }
    }
}
