package import Furrow
package import FurrowCore
import FurrowRuns
package import FurrowSweeps
import FurrowSystem
import MPI

/// How a sweep is to be run, beyond what its file says.
package struct SweepRunOptions: Sendable, Codable {
    /// In place of what the file says of every stage.
    package var timeout: Duration?
    /// In place of what the file says of every stage.
    package var retries: Int?
    /// The same.
    package var retryDelay: Duration?
    /// Shuffles the order in which jobs are dealt.
    package var shuffleSeed: UInt64?
    /// Whether jobs run again that were done before their command was changed.
    package var rerunsChanged = false
    /// Whether a command's output is shown when it ends.
    package var printsOutput = false
    /// Where to write the log in GNU parallel's form besides the run's directory.
    package var joblog: String?

    /// As the file says.
    package init() {}
}

/// Runs the stages of a sweep on all ranks.
@MPIActor
package struct SweepRun {
    private let world: Communicator
    private let plan: Plan
    private var runOptions: RunOptions
    private let sweep: Sweep?
    /// On rank 0.
    private let definitions: StageDefinitions?
    private let run: RecordedRun
    private let output: OutputFolder

    /// What rank 0 knows, and every rank needs.
    private struct Plan: Codable {
        var options: SweepRunOptions
        /// Which start of the run it is, from 1.
        var start: Int
        var stages: [StageSettings]
        /// The hosts of all ranks.
        var hosts: [String]
        var origin: CommandOrigin
    }

    /// Prepares the run's directory. Collective.
    ///
    /// - Parameters:
    ///   - world: all ranks.
    ///   - runOptions: how stages run.
    ///   - options: how the sweep runs; only rank 0's are used.
    ///   - load: makes the sweep and the run's request; called on rank 0 only.
    /// - Throws: ``ParallelExecutionError``, the same on every rank.
    package init(
        _ world: Communicator,
        _ runOptions: RunOptions,
        _ options: SweepRunOptions,
        load: () throws -> (Sweep, RunnerOptions)
    ) throws {
        self.world = world
        var runOptions = runOptions
        var loaded: Sweep?
        var definitions: StageDefinitions?
        var start = 1
        run = try RecordedRun.open(world, &runOptions) {
            let (sweep, runner) = try load()
            loaded = sweep
            return RecordedRun.Request(
                name: sweep.name,
                kind: .sweep,
                stages: sweep.stages.map(\.settings.name),
                options: runner
            )
        } prepare: { directory in
            let output = try OutputFolder(startingIn: directory)
            try output.makeRunningFolder()
            start = output.start
            definitions = try Self.define(loaded, in: directory, start, options)
            try loaded?.save(in: directory)
        }
        sweep = loaded
        self.definitions = definitions
        if let loaded {
            run.reportStages = { RecordedStages(of: $0, loaded, definitions).planned }
        }
        let quoted = ShellQuoting.quoted(run.directory)
        runOptions.resumption = "to go on: furrow run --resume \(quoted)"
        self.runOptions = runOptions
        let hosts = try world.gather(world.host)
        plan = try world.share {
            Plan(
                options: options,
                start: start,
                stages: loaded?.stages.map(\.settings) ?? [],
                hosts: hosts,
                origin: .own(host: world.host)
            )
        }
        output = OutputFolder(in: run.directory, start: plan.start)
    }

    /// That the last start's sweep file has been changed since; `nil` if it has not.
    ///
    /// - Parameter directory: the directory of a run that repeats its last start.
    /// - Throws: if a file cannot be read.
    package nonisolated static func warning(ofResuming directory: String) throws -> String? {
        try RunRecord.editedSweep(of: directory).map { file in
            "\(file) was changed after the run's last start, which this one repeats; "
                + "'furrow run \(ShellQuoting.quoted(file)) --resume' takes it as it is now"
        }
    }

    /// Notes how the stages are defined, and says where that has changed since jobs were done.
    private static func define(
        _ sweep: Sweep?,
        in directory: String,
        _ start: Int,
        _ options: SweepRunOptions
    ) throws -> StageDefinitions {
        var definitions = try StageDefinitions(of: directory)
        for stage in sweep?.stages.map(\.settings) ?? [] {
            let changed = definitions.start(stage, number: start, anew: options.rerunsChanged)
            guard !changed.isEmpty else { continue }
            let parts = changed.map { "'\($0)'" }.joined(separator: ", ")
            StandardError.write(
                "Warning: \(parts) of '\(stage.name)' changed since jobs of this run were done; "
                    + "these keep their results: --rerun-changed runs them again"
            )
        }
        try definitions.save(in: directory)
        return definitions
    }

    /// Runs all stages, the next when one has succeeded. Collective.
    ///
    /// - Returns: the run's directory, the same on every rank.
    /// - Throws: the first failing stage's error, the same on every rank.
    package func callAsFunction() async throws -> String {
        // The last rank to leave finds it empty.
        defer { output.removeRunningFolder() }
        do {
            var previousResults = ""
            for number in plan.stages.indices {
                previousResults = try await runStage(number, after: previousResults)
            }
            try await run.close(nil)
        } catch {
            try await run.close(error)
            throw error
        }
        return run.directory
    }

    /// - Returns: the stage's results.
    private func runStage(
        _ number: Int,
        after previousResults: String
    ) async throws -> String {
        let stage = sweep?.stages[number]
        let options = plan.options
        var settings = plan.stages[number]
        if let timeout = options.timeout { settings.timeout = timeout }
        var stageOptions = runOptions
        stageOptions.stage = settings.name
        stageOptions.hasUniqueStage = true
        if let retries = options.retries ?? settings.retries { stageOptions.retries = retries }
        if let delay = options.retryDelay ?? settings.retryDelay {
            stageOptions.retryDelay = delay
        }
        let launcher = try launcher(
            CommandLauncher.Setting(
                stage: settings,
                stageNumber: number + 1,
                retries: stageOptions.retries,
                output: output,
                previousResults: previousResults,
                grace: stageOptions.grace,
                printsOutput: options.printsOutput,
                rank: world.rank,
                host: world.host,
                hosts: plan.hosts,
                origin: plan.origin
            )
        )
        stageOptions.resource = launcher
        if let launcher {
            stageOptions.beforeSync = { () throws(FileError) in try launcher.sync() }
        }
        let files = StageFiles(
            in: run.directory,
            stage: settings.name,
            isAlone: plan.stages.count == 1,
            isLast: number == plan.stages.count - 1,
            ends: run.ends
        )
        let none = Sweep.Stage(settings: settings, space: ParameterSpace("", []))
        let generation = definitions?.generation(of: settings.name) ?? ""
        let generator = CommandGenerator(
            stage: stage ?? none,
            seed: options.shuffleSeed,
            generation: generation
        )
        var failure: ParallelExecutionError?
        do {
            _ = try await ParallelRunner(generator, options: stageOptions).run((), after: ())
        } catch let error as ParallelExecutionError {
            // Every rank has this error. Any other may be this rank's alone, and ends all ranks.
            failure = error
        }
        await launcher?.tearDown()
        launcher?.close()
        _ = try world.agree(blaming: .save) {
            guard let stage else { return }
            let start = StateFile.now
            defer { run.phases.note(.tables, of: settings.name, since: start) }
            do {
                let plan = SweepPlan(
                    stage,
                    in: run.directory,
                    definitions: definitions,
                    previousResults: previousResults
                )
                run.note(
                    try run.writeTables(
                        of: JournalIndex.Stage(name: settings.name, occurrence: 1),
                        as: plan,
                        to: files,
                        joblog: options.joblog
                    )
                )
            } catch  where failure != nil {
                // The error that ended the stage is the one reported.
                StandardError.write("Warning: \(message(of: error))")
            }
        }
        if let failure { throw failure }
        return files.resultsPath
    }
}

extension SweepRun {
    /// Makes the launcher of a worker's commands; `nil` on rank 0, unless it is alone. Collective.
    ///
    /// - Throws: ``Furrow/ParallelExecutionError``, the same on every rank, if it fails on one of
    ///   them.
    private func launcher(_ setting: CommandLauncher.Setting) throws -> CommandLauncher? {
        var launcher: CommandLauncher?
        do {
            try world.agreeOnAll(stage: setting.stage.name, blaming: .preparation) {
                if world.rank > 0 || world.size == 1 { launcher = try CommandLauncher(setting) }
            }
        } catch {
            launcher?.close()
            throw error
        }
        return launcher
    }
}
