public import ArgumentParser
import MPI

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

    /// The pipeline to run. Called once on every rank, before the configuration is read.
    ///
    /// - Parameter options: how stages run, from the command line. The run's directory and journal are
    ///   known to its runners later, when a stage begins.
    /// - Throws: any error; one thrown on a single rank ends all of them, and its message names
    ///   rank and host.
    func pipeline(_ options: RunOptions) throws -> Pipeline<Configuration, Output>
}

extension PipelineCommand {
    /// Gives every application a `--version`; default: the library's.
    public static var configuration: CommandConfiguration {
        CommandConfiguration(version: version)
    }

    /// Reads the configuration on rank 0 and runs the pipeline on all ranks. Collective.
    @MPIActor
    public func run() async throws {
        let world = try MPISession.start()
        let runner = options.runner
        var runOptions = await runner.runOptions(name: "")
        let late = LateOptions()
        runOptions.late = late
        // That can fail on one rank, for want of a model's file or of memory.
        let pipeline = try world.agreeOnAll(blaming: .preparation) {
            try self.pipeline(runOptions)
        }
        let stages = pipeline.stages
        let configuration = try world.agree {
            let configuration = try Configuration(contentsOf: options.config)
            try configuration.requireSections(pipeline.sections)
            return configuration
        }
        guard runner.isRecorded else {
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
            let text = configuration?.text ?? ""
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
            try run.close(nil)
        } catch {
            try run.close(error)
            throw error
        }
    }
}

extension Configuration {
    /// Refuses sections of the configuration that no stage is made from.
    func requireSections(_ names: [String]) throws(ConfigurationError) {
        for entry in root.entries ?? [] where !names.contains(entry.key) {
            throw ConfigurationError(
                file: file,
                position: entry.keyPosition,
                problem: "unknown section '\(entry.key)'",
                remedy: NearestName.remedy(for: entry.key, among: names)
            )
        }
    }
}
