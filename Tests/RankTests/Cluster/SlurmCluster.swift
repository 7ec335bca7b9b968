import Foundation
import TestSupport
import Testing

@testable import Furrow

/// One test after the other, beside ``RankTests``: they wait for SLURM and for networks most of the
/// time.
@Suite(.serialized)
enum ClusterTests {}

/// The SLURM cluster of `Tests/Cluster/slurm-cluster.sh`, of two nodes and a third that has a partition
/// of its own, and a folder in which jobs are submitted to it.
struct SlurmCluster {
    /// Why there can be no cluster here; `nil` where there can.
    static let obstacle: String? = {
        guard getuid() == 0 else { return "a SLURM cluster for tests needs root" }
        let missing = ["slurmctld", "slurmd", "munged", "sbatch", "ip", "unshare", "nsenter"].filter
        {
            (try? Subprocess.run([path, "sh", "-c", "command -v \($0)"], limit: 10)) == nil
        }
        guard missing.isEmpty else {
            return "\(missing.joined(separator: ", ")) missing: apt-get install slurm-wlm munge "
                + "iproute2 util-linux"
        }
        let namespaces = ["unshare", "--uts", "--pid", "--mount", "--net", "--fork", "true"]
        if (try? Subprocess.run(namespaces, limit: 10)) == nil {
            return "namespaces cannot be made: a container may need --privileged"
        }
        return nil
    }()

    /// The top folder of the sources.
    static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let state = "/tmp/furrow-slurm-\(getuid())-\(ClusterNumber.own)"
    private static let path =
        "PATH=\(MPIRun.programs.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
        + ":/usr/sbin:/sbin"

    /// What says to every command which cluster it is.
    static let environment =
        [
            path, "SLURM_CONF=\(state)/slurm.conf", "SLURMLAB_DIR=\(state)",
            "SLURMLAB_ID=\(ClusterNumber.own)",
        ]
        + MPIRun.environment.map { "\($0.key)=\($0.value)" }

    /// Starts, stops or changes the cluster.
    @discardableResult
    static func control(_ arguments: String...) throws -> String {
        try runScript("slurm-cluster.sh", arguments, environment)
    }

    /// Runs one of the scripts in `Tests/Cluster`.
    static func runScript(
        _ name: String,
        _ arguments: [String],
        _ environment: [String]
    ) throws -> String {
        let script = sources.appendingPathComponent("Tests/Cluster/\(name)").path
        return try Subprocess.run(environment + ["bash", script] + arguments, limit: 90).output
    }

    let sweep: SweepScratch

    init() throws { sweep = try SweepScratch() }

    /// Runs a command of SLURM's or Furrow's in the folder.
    @discardableResult
    func run(_ command: String..., limit: Double = Execution.patience) throws -> String {
        try run(command, limit: limit)
    }

    @discardableResult
    func run(_ command: [String], limit: Double = Execution.patience) throws -> String {
        try Subprocess.run(["-C", sweep.url.path] + Self.environment + command, limit: limit).output
    }

    /// Submits one of the batch scripts.
    ///
    /// - Parameter programs: a folder whose programs the job takes before all others.
    /// - Returns: the job's number.
    func submit(
        _ script: String,
        _ options: String,
        _ arguments: String...,
        launcher: String = "mpirun",
        goingOnWith directory: String? = nil,
        programs: String? = nil
    ) throws -> String {
        try submit(
            script,
            options,
            arguments,
            launcher: launcher,
            goingOnWith: directory,
            programs: programs
        )
    }

    /// The same with the arguments in a list.
    func submit(
        _ script: String,
        _ options: String,
        _ arguments: [String],
        launcher: String = "mpirun",
        goingOnWith directory: String? = nil,
        programs: String? = nil
    ) throws -> String {
        let path = Self.sources.appendingPathComponent("slurm/\(script).sbatch").path
        let options = options.split(separator: " ").map { String($0) }
        var environment = directory.map { ["FURROW_RESUME=\(sweep.url.path)/\($0)"] } ?? []
        if let programs {
            let folder = "\(sweep.url.path)/\(programs)"
            environment.append(
                Self.path.replacing("PATH=", with: "PATH=\(folder):", maxReplacements: 1)
            )
        }
        let command =
            environment + ["FURROW_LAUNCHER=\(launcher)", "sbatch", "--parsable"] + options
        return try run(command + [path] + arguments)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What SLURM says of a job: a field of `scontrol show job`.
    func field(_ name: String, of job: String) throws -> String {
        let fields = try run("scontrol", "--oneliner", "show", "job", job).split(separator: " ")
        return String(fields.first { $0.hasPrefix("\(name)=") }?.dropFirst(name.count + 1) ?? "")
    }

    /// State and exit code, once the job has ended.
    func end(of job: String, within seconds: Double = 120) throws -> String {
        // A job that was preempted, or lost a node, is called so until SLURM has put it back, and one
        // that is being warned until the warning has arrived.
        let running = [
            "PENDING", "RUNNING", "COMPLETING", "CONFIGURING", "REQUEUED", "PREEMPTED", "NODE_FAIL",
            "SIGNALING", "RESIZING",
        ]
        try wait(seconds, every: 0.3) { !running.contains(try field("JobState", of: job)) }
        return "\(try field("JobState", of: job)) \(try field("ExitCode", of: job))"
    }

    /// The log of a job.
    func log(_ job: String) -> String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: sweep.url.path)) ?? []
        let name = names.first { $0.hasSuffix("-\(job).log") }
        return name.flatMap { try? sweep.scratch.text($0) } ?? "no log"
    }

    func directory(of job: String) -> String { "runs/slurm/\(job)" }

    /// The journal's successes, job by job.
    func successes(_ directory: String) throws -> [Int: Int] {
        guard FileManager.default.fileExists(atPath: "\(sweep.url.path)/\(directory)/journal")
        else { return [:] }
        return try sweep.journal(directory).filter { $0.state == "succeeded" }
            .reduce(into: [:]) { $0[$1.job, default: 0] += 1 }
    }

    /// Waits until so many jobs have succeeded.
    func reach(_ jobs: Int, in directory: String, within seconds: Double = 60) throws {
        try wait(seconds, every: 0.3) { try successes(directory).count >= jobs }
    }

    /// The results, a row a job, by column.
    func results(_ directory: String, _ columns: String) throws -> [[String]] {
        let csv = try String(
            contentsOfFile: "\(sweep.url.path)/\(directory)/results.csv",
            encoding: .utf8
        )
        let rows = csv.split(separator: "\n").map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
        }
        let wanted = columns.split(separator: ",").map { String($0) }
        let places = try wanted.map { try #require(rows[0].firstIndex(of: $0)) }
        return rows.dropFirst().map { row in places.map { row[$0] } }
    }
}

/// What a suite needs around it: made before its first test, and taken away after its last.
struct Surroundings: SuiteTrait, TestScoping {
    let make: @Sendable () throws -> Void
    let takeAway: @Sendable () throws -> Void

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try make()
        do {
            try await function()
        } catch {
            try takeAway()
            throw error
        }
        try takeAway()
    }
}

extension Trait where Self == Surroundings {
    /// The SLURM cluster.
    static var slurmCluster: Surroundings {
        Surroundings(
            make: { try SlurmCluster.control("up") },
            takeAway: { try SlurmCluster.control("down") }
        )
    }

    /// Three hosts.
    static var mpiHosts: Surroundings {
        Surroundings(
            make: { try MPIHosts.control("up", "3") },
            takeAway: { try MPIHosts.control("down") }
        )
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a suite, with the reason, where no clusters can be made.
    static var needsClusters: ConditionTrait {
        .enabled(if: SlurmCluster.obstacle == nil, "\(SlurmCluster.obstacle ?? "")")
    }
}
