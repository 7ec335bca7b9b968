import ArgumentParser
import Furrow
import FurrowCommands
import FurrowSweeps
import MPI

/// `furrow run`
struct Run: CollectiveCommand, SweepCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a sweep: under mpirun on all its ranks, without it serially.",
        discussion: """
            Examples:
              mpirun -q -n 9 furrow run sweep.yaml
              mpirun -q -n 9 furrow run --tasks commands.txt
              mpirun -q -n 9 furrow run --param lr=0.1,0.01 --param seed=0..9 -- \
            python3 train.py --lr {lr} --seed {seed}
              mpirun -q -n 9 furrow run --resume
            """
    )

    @OptionGroup var input: SweepInput
    @OptionGroup var runner: RunnerOptions

    @Option(
        help: ArgumentHelp(
            "How long an attempt at a job may take: 90, 90s, 10m, 1h.",
            valueName: "time"
        )
    )
    var timeout: TimeSpan?

    @Option(help: ArgumentHelp("Shuffle the order of the jobs with this seed."))
    var shuffle: UInt64?

    @Flag(
        help: ArgumentHelp(
            "With --resume: run jobs again that were done before the command, its shell, env, directory "
                + "or results were changed."
        )
    )
    var rerunChanged = false

    @Flag(
        help: ArgumentHelp(
            "When a worker has nothing else to do, let it run a job as well that takes three times as "
                + "long as the others. The first to succeed counts, and the other is cancelled."
        )
    )
    var speculate = false

    @Flag(help: "Show a command's output when it ends, its number in front of each line.")
    var printOutput = false

    @Option(
        help: ArgumentHelp(
            "A further copy of the log in the form of GNU parallel's.",
            valueName: "file"
        )
    )
    var joblog: String?

    @Flag(help: "Show the commands without running them.")
    var dryRun = false

    func validate() throws {
        if let timeout, timeout.duration <= .zero {
            throw ValidationError("--timeout must be longer than 0; leave it out for no limit")
        }
        if rerunChanged, runner.resume == nil {
            throw ValidationError("--rerun-changed needs --resume")
        }
    }

    /// Finds out before the first job whether the log can be written. On rank 0.
    private func checkJoblog() throws {
        guard let joblog else { return }
        let folder = joblog.folderOfPath
        if joblog.nameOfPath.isEmpty || FolderPath.isFolder(joblog) {
            throw UsageError("--joblog '\(joblog)': must be a file, not a folder")
        }
        guard FolderPath.isFolder(folder.isEmpty ? "." : folder) else {
            throw UsageError("--joblog \(joblog): there is no folder '\(folder)'")
        }
    }

    @MPIActor
    func run() async throws {
        let world = try MPISession.start()
        if dryRun {
            // `only` may look at more combinations than anybody waits for.
            Interruption.remove()
            _ = try world.agree { try PlanPrinter(try load().sweep).write(as: .commands) }
            return
        }
        var runOptions = await runner.runOptions(name: "")
        runOptions.copiesStragglers = speculate
        var options = SweepRunOptions()
        options.timeout = timeout?.duration
        options.retries = runner.retries
        options.retryDelay = runner.retryDelay?.duration
        options.shuffleSeed = shuffle
        options.rerunsChanged = rerunChanged
        options.printsOutput = printOutput
        options.joblog = joblog
        let run = try SweepRun(world, runOptions, options) {
            try checkJoblog()
            let (sweep, runner) = try load()
            for warning in sweep.warnings { StandardError.write("Warning: \(warning)") }
            return (sweep, runner)
        }
        let directory = try await run()
        if world.rank == 0 { print("Results: \(RunLayout(directory).results)") }
    }

    /// The sweep, and which run it is. On rank 0.
    private func load() throws -> (sweep: Sweep, runner: RunnerOptions) {
        var (input, runner) = (input, runner)
        // `--resume sweep.yaml`: a run is a directory.
        if case .run(let path)? = runner.resume, input.isEmpty, RunFinder.isFile(path) {
            (input.sweep, runner.resume) = (path, .newest)
        }
        guard input.isEmpty, let resume = runner.resume else { return (try input.load(), runner) }
        guard input.changes.isEmpty, !input.null else {
            throw UsageError(
                "--set, --name, --only and what else changes a sweep go with a sweep file: "
                    + "furrow run SWEEP.yaml --resume"
            )
        }
        var name: String?
        if case .run(let named) = resume { name = named }
        let directory = try runner.runDir ?? RunFinder.find(name, under: runner.runsDir)
        runner.runDir = directory
        if let warning = try SweepRun.warning(ofResuming: directory) {
            StandardError.write("Warning: \(warning)")
        }
        return (try Sweep(reopening: directory), runner)
    }
}
