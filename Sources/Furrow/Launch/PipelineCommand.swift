public import ArgumentParser
import MPI
import Synchronization

/// A command that runs a pipeline under mpirun: it is an application's whole `main`.
///
///     @main
///     struct Sweep: PipelineCommand {
///         @OptionGroup var options: PipelineOptions
///
///         func pipeline(_ runOptions: RunOptions) -> Pipeline<Configuration, [Double]> {
///             Pipeline(ParallelRunner(GridGenerator<Area>(), options: runOptions))
///         }
///     }
public protocol PipelineCommand: FurrowProgram, CollectiveCommand {
    /// The pipeline's final result.
    associatedtype Output: Sendable

    /// The options of every application.
    var options: PipelineOptions { get }

    /// Top-level keys of the configuration that ``pipeline(_:_:)`` reads itself, beside the sections
    /// of its stages; default: none. Keys that begin with `x-` need not be named: they are for
    /// anchors.
    static var sharedKeys: [String] { get }

    /// The pipeline to run, made from the configuration: which stages there are, and their runners.
    /// Called once on every rank, and in each process of jobs, with the same configuration.
    /// Default: ``pipeline(_:)``.
    ///
    /// - Parameters:
    ///   - configuration: the whole configuration, with the values of `--set`.
    ///   - options: how stages run, from the command line. The run's directory and journal are
    ///     known to its runners later, when a stage begins.
    /// - Throws: any error; one thrown on a single rank ends all of them, and its message names
    ///   rank and host.
    func pipeline(
        _ configuration: Configuration,
        _ options: RunOptions
    ) throws -> Pipeline<Configuration, Output>

    /// The pipeline to run, if it is the same for every configuration. Called once on every rank, and
    /// in each process of jobs.
    ///
    /// - Parameter options: how stages run, see ``pipeline(_:_:)``.
    /// - Throws: as ``pipeline(_:_:)`` does.
    func pipeline(_ options: RunOptions) throws -> Pipeline<Configuration, Output>
}

extension PipelineCommand {
    /// Gives every application a `--version`; default: that of the library, by its name.
    public static var configuration: CommandConfiguration {
        CommandConfiguration(version: "Furrow \(version)")
    }

    /// None.
    public static var sharedKeys: [String] { [] }

    /// ``pipeline(_:)``, whatever the configuration.
    public func pipeline(
        _ configuration: Configuration,
        _ options: RunOptions
    ) throws -> Pipeline<Configuration, Output> {
        var pipeline = try pipeline(options)
        pipeline.isFixed = true
        return pipeline
    }

    /// Fails: a command has one of both.
    public func pipeline(_ options: RunOptions) throws -> Pipeline<Configuration, Output> {
        throw RunFault("\(Self.self) must have a function pipeline(_:) or pipeline(_:_:)")
    }

    /// Reads the configuration on rank 0 and runs the pipeline on all ranks. Collective.
    @MPIActor
    public func run() async throws {
        let world = try MPISession.start()
        let runner = options.runner
        var runOptions = await runner.runOptions(name: "")
        runOptions.timeout = options.timeout?.duration
        runOptions.isolation = options.isolation
        let late = LateOptions()
        runOptions.late = late
        let settings = options.settings
        let given = try world.share {
            let given = try options.read()
            _ = try given.parsed(setting: settings)
            return given
        }
        let configuration = try given.parsed(setting: settings)
        // That can fail on one rank, for want of a model's file or of memory.
        let pipeline = try world.agreeOnAll(blaming: .preparation) {
            try self.pipeline(configuration, runOptions)
        }
        if options.schema {
            if world.rank == 0 {
                print(pipeline.schema(of: programName, otherKeys: Self.sharedKeys))
            }
            return
        }
        let stages = pipeline.stages
        _ = try world.agree {
            try configuration.requireSections(
                pipeline.sections + pipeline.sharedKeys + Self.sharedKeys
            )
            // Before the first stage begins, and not when the last one does.
            for source in pipeline.sources where source.pointType != nil {
                try configuration.requireSection(
                    source.section,
                    sharing: source.sharedKeys,
                    remedy: given.file == nil
                        ? "name a configuration with --config FILE; --schema prints its form"
                        : "add it"
                )
            }
        }
        if options.plan { return try await pipeline.show(configuration, world) }
        guard runner.isRecorded else {
            if runner.onLoss == .continue {
                throw UsageError(
                    "--on-loss continue needs a record of what has finished: add --run-dir DIR"
                )
            }
            runOptions.directory = RunDirectory(under: runner.runsDir, name: stages[0])
            _ = try world.agree { try runOptions.directory.probe() }
            late.settle(runOptions)
            _ = try await pipeline.run(configuration)
            return
        }
        let run = try RecordedRun.open(world, &runOptions) {
            RecordedRun.Request(name: stages[0], kind: .typed, stages: stages, options: runner)
        } prepare: { directory in
            // The text that was read: a pipe can be read only once, and a file may have changed.
            let text = given.record(setting: settings)
            try AtomicFile.write(text.utf8, to: RunLayout(directory).configuration)
        }
        let quoted = ShellQuoting.quoted(run.directory)
        runOptions.resumption = "to resume, start it with --run-dir \(quoted) --resume"
        late.settle(runOptions)
        do {
            var failure: (any Error)?
            do {
                _ = try await pipeline.run(configuration)
            } catch let error where error.isAgreed {
                failure = error
            }
            try world.agree(blaming: .save) {
                try run.writeTables(of: runOptions.directory, hasFailed: failure != nil)
            }
            if let failure { throw failure }
            try await run.close(nil)
        } catch {
            try await run.close(error)
            throw error
        }
    }
}

extension Configuration {
    /// Refuses sections of the configuration that no stage is made from.
    func requireSections(_ names: [String]) throws(ConfigurationError) {
        for entry in root.entries ?? []
        where !names.contains(entry.key) && !entry.key.hasPrefix("x-") {
            throw ConfigurationError(
                file: file,
                position: entry.keyPosition,
                problem: "unknown section '\(entry.key)'",
                remedy: NearestName.remedy(
                    for: entry.key,
                    among: names,
                    none: "no stage is made from a section"
                )
            )
        }
    }
}

extension Pipeline where Arguments == Configuration {
    /// Shows the jobs of each stage as far as they are known, for `--plan`. Collective.
    @MPIActor
    fileprivate func show(_ configuration: Configuration, _ world: Communicator) async throws {
        var problem: (any Error)?
        if world.rank == 0 {
            do {
                for (stage, plan) in zip(stages, plans) {
                    let count = Atomic(0)
                    let isKnown = try await plan(configuration) { parameters in
                        let number = count.add(1, ordering: .relaxed).newValue
                        print("\(stage) \(number): \(parameters)")
                    }
                    if !isKnown { print("\(stage): its jobs depend on the stage before it") }
                }
            } catch {
                problem = error
            }
        }
        try world.agree(blaming: .generator) { if let problem { throw problem } }
    }
}
