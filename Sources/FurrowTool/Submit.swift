import ArgumentParser
import Foundation
import Furrow
import FurrowCommands
import FurrowSweeps

/// `furrow submit`
struct Submit: AsyncParsableCommand, LocalCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a batch script for a sweep and submit it to SLURM.",
        discussion: """
            A copy of the sweep, the script and the log go into a run's directory, where \
            'furrow status' finds them. 'sbatch' of that script resumes the run. Options of \
            'furrow run' follow after --.

            Example: furrow submit sweep.yaml --nodes 2 --gpus-per-node 4 --time 02:00:00 -- \
            --on-failure continue
            """
    )

    @Argument(help: ArgumentHelp("A sweep file, in YAML.", valueName: "sweep.yaml"))
    var sweep: String

    @Option(help: ArgumentHelp("How many nodes.", valueName: "n"))
    var nodes = 1

    @Option(
        help: ArgumentHelp("How many GPUs on each node, with one worker per GPU.", valueName: "n")
    )
    var gpusPerNode: Int?

    @Option(
        help: ArgumentHelp(
            "How many workers on each node without GPUs (default: one per core of the 8 "
                + "requested).",
            valueName: "n"
        )
    )
    var workersPerNode: Int?

    @Option(help: ArgumentHelp("How many cores each worker gets.", valueName: "n"))
    var cpusPerWorker: Int?

    @Option(
        help: ArgumentHelp(
            "The time limit: 2h, 90m, or in SLURM's form, 02:00:00, 1-12:00:00 (default: one "
                + "hour).",
            valueName: "time"
        )
    )
    var time: SlurmTimeLimit?

    @Option(help: ArgumentHelp("The partition.", valueName: "name"))
    var partition: String?

    @Option(help: ArgumentHelp("The account.", valueName: "name"))
    var account: String?

    @Option(help: ArgumentHelp("The quality of service.", valueName: "name"))
    var qos: String?

    @Option(help: ArgumentHelp("The memory of each node: 64G.", valueName: "size"))
    var mem: String?

    @Flag(help: "Requeue before the time limit and after a preemption, until all jobs are done.")
    var preemptible = false

    @Flag(help: "Go on without a node that is lost. Starts the ranks with srun.")
    var surviveNodes = false

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Another option of sbatch, for example --sbatch-arg --exclude=n7. May be repeated.",
            valueName: "option"
        )
    )
    var sbatchArg: [String] = []

    @OptionGroup var changes: SweepChanges

    @OptionGroup var runs: RunsDirectoryOption

    @Flag(help: "Show the script, write nothing and submit nothing.")
    var dryRun = false

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("Options of 'furrow run'.", valueName: "option")
    )
    var arguments: [String] = []

    func validate() throws {
        let counts = [
            ("nodes", nodes), ("gpus-per-node", gpusPerNode), ("workers-per-node", workersPerNode),
            ("cpus-per-worker", cpusPerWorker),
        ]
        for (name, count) in counts {
            if let count, count < 1 {
                throw ValidationError("--\(name) must be 1 or more, but is \(count)")
            }
        }
        if gpusPerNode != nil, workersPerNode != nil {
            throw ValidationError(
                "give --gpus-per-node or --workers-per-node, not both: each GPU has one worker"
            )
        }
        if sbatchArg.contains(where: { $0 == "--wait" || $0 == "-W" }) {
            throw ValidationError("--sbatch-arg --wait: 'furrow status' tells when it is done")
        }
        if let option = sbatchArg.first(where: { !$0.hasPrefix("-") }) {
            throw ValidationError(
                "--sbatch-arg must be an option of sbatch, for example --exclude=n7, but is '\(option)'"
            )
        }
        // What the batch job would refuse is refused now.
        let run: Run
        do {
            run = try parseRun()
        } catch {
            throw ValidationError("after --: \(Run.message(for: error))")
        }
        let isHow =
            run.input.isEmpty && run.input.changes.isEmpty && !run.dryRun
            && run.runner.runDir == nil && run.runner.resume == .run(Self.resumed)
        if !isHow {
            throw ValidationError(
                "after -- only options of 'furrow run' that say how to run are allowed; give the "
                    + "sweep, --set and --name before it"
            )
        }
        if let gpusPerNode, !gpusPerNode.isMultiple(of: run.runner.gpusPerJob) {
            throw ValidationError(
                "--gpus-per-job \(run.runner.gpusPerJob): the \(gpusPerNode) GPUs of a node cannot "
                    + "be shared out in such parts"
            )
        }
    }

    func run() async throws {
        let request = try request()
        let sweep = try Sweep(
            contentsOf: sweep,
            setting: changes.settings,
            overriding: try changes.overrides
        )
        for warning in sweep.warnings { StandardError.write("Warning: \(warning)") }
        if dryRun {
            let place = try FolderPath.planned(runs.runsDir)
            let directory = "\(place)/\(sweep.name)/TIME"
            print(
                try Submission.script(sweep, request, directory, arguments).text,
                terminator: ""
            )
            return
        }
        let submission = try await Submission(
            sweep,
            request,
            arguments: arguments,
            under: runs.runsDir
        )
        print("Submitted as SLURM job \(submission.job)")
        print("Run: \(submission.directory)")
    }

    /// Stands for the run's directory.
    private static let resumed = "RUN"

    /// The command that the batch job will run.
    private func parseRun() throws -> Run {
        try Run.parse(["--resume", Self.resumed] + arguments)
    }

    private func request() throws -> BatchScript.Request {
        var request = BatchScript.Request()
        request.nodes = nodes
        request.gpusPerNode = gpusPerNode
        request.gpusPerWorker = try parseRun().runner.gpusPerJob
        request.workersPerNode = workersPerNode
        request.cpusPerWorker = cpusPerWorker
        request.time = time?.text
        request.partition = partition
        request.account = account
        request.qos = qos
        request.memory = mem
        request.isPreemptible = preemptible
        request.survivesNodes = surviveNodes
        request.others = sbatchArg
        return request
    }
}

extension SlurmTimeLimit: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
