import FurrowSweeps
import FurrowSystem

/// A batch script for SLURM: one of those in `slurm/`, filled in for one run.
package struct BatchScript: Sendable {
    /// The resources to request from SLURM.
    package struct Request: Sendable {
        /// How many nodes.
        package var nodes = 1
        /// How many GPUs on each node, with one worker per GPU; `nil`: none.
        package var gpusPerNode: Int?
        /// How many GPUs a worker gets.
        package var gpusPerWorker = 1
        /// How many workers on each node without GPUs; `nil`: the script's default.
        package var workersPerNode: Int?
        /// How many cores each worker gets.
        package var cpusPerWorker: Int?
        /// The time limit in SLURM's form; `nil`: the script's default.
        package var time: String?
        /// The partition.
        package var partition: String?
        /// The account.
        package var account: String?
        /// The quality of service.
        package var qos: String?
        /// The memory of each node, in SLURM's form.
        package var memory: String?
        /// Whether it requeues itself before its time limit and after a preemption.
        package var isPreemptible = false
        /// Whether the run goes on without a node that is lost: only srun's ranks can.
        package var survivesNodes = false
        /// Further options of sbatch.
        package var others: [String] = []

        /// One node.
        package init() {}

        /// How many workers a node has, if the script should not count them.
        fileprivate var workers: Int? {
            guard let gpusPerNode else { return workersPerNode }
            return gpusPerWorker == 1 ? nil : gpusPerNode / gpusPerWorker
        }

        fileprivate var options: [String] {
            let cores = gpusPerNode == nil ? "cpus-per-task" : "cpus-per-gpu"
            let known: [(String, String?)] = [
                ("nodes", "\(nodes)"), ("gpus-per-node", gpusPerNode.map { "\($0)" }),
                ("ntasks-per-node", gpusPerNode == nil ? workersPerNode.map { "\($0)" } : nil),
                (cores, cpusPerWorker.map { "\(($0 + gpusPerWorker - 1) / gpusPerWorker)" }),
                ("time", time), ("partition", partition),
                ("account", account), ("qos", qos), ("mem", memory),
            ]
            return known.compactMap { name, value in value.map { "--\(name)=\($0)" } }
                + (survivesNodes ? ["--no-kill"] : []) + others
        }
    }

    /// The script.
    package let text: String
    /// Its options for sbatch: environment variables would override those in the script, but not
    /// these.
    let options: [String]

    /// - Parameters:
    ///   - request: the resources to request.
    ///   - name: the name of the sweep.
    ///   - directory: the run's directory, absolute.
    ///   - arguments: options of `furrow run`.
    ///   - programs: the folder of the program `furrow`, absolute.
    package init(
        _ request: Request,
        name: String,
        directory: String,
        arguments: [String],
        programs: String
    ) {
        let template: [UInt8]
        if request.isPreemptible {
            template = PackageResources.furrow_preemptible_sbatch
        } else if request.gpusPerNode != nil {
            template = PackageResources.furrow_gpu_sbatch
        } else {
            template = PackageResources.furrow_sbatch
        }
        // sbatch replaces patterns with a percent sign in file names.
        let log = directory.replacing("%", with: "%%") + "/slurm-%j.log"
        options = ["--job-name=\(name)", "--output=\(log)"] + request.options
        // With one worker per GPU the number of tasks has no meaning.
        let dropped = request.gpusPerNode == nil ? [] : ["--ntasks-per-node"]
        let overridden = Set((options + dropped).map(Self.optionName))
        var lines = String(decoding: template, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        lines.removeAll { line in
            line.hasPrefix(Self.mark)
                && overridden.contains(Self.optionName(String(line.dropFirst(Self.mark.count))))
        }
        let end = (lines.lastIndex { $0.hasPrefix(Self.mark) } ?? 0) + 1
        var own = options.map { Self.mark + Self.quoted($0) }
        own += [
            "FURROW_RESUME=\(Self.quoted(directory))",
            "export PATH=\(Self.quoted(programs)):\"$PATH\"",
        ]
        if request.survivesNodes { own.append("FURROW_LAUNCHER=srun") }
        // SLURM may give whole nodes, with more cores than requested.
        if let workers = request.workers { own.append("FURROW_WORKERS_PER_NODE=\(workers)") }
        if !arguments.isEmpty {
            own.append("set -- \(arguments.map(Self.quoted).joined(separator: " "))")
        }
        lines.insert(contentsOf: own, at: end)
        text = lines.joined(separator: "\n")
    }

    private static let mark = "#SBATCH "

    private static func optionName(_ option: String) -> String {
        String(option.prefix { $0 != "=" && $0 != " " })
    }

    private static func quoted(_ word: String) -> String {
        ShellQuoting.quoted(word)
    }
}
