import Foundation
import FurrowSweeps
import FurrowSystem

/// Where a run was started, which is where its commands start from on every node: rank 0's folder
/// and environment. A launcher gives far ranks its own: without what was exported, and in the home
/// folder if theirs is missing.
struct CommandOrigin: Sendable, Codable {
    var host: String
    var folder: String
    @CStringList var variables: [[UInt8]]

    /// Variables that say something of a node or of a login.
    private static let ofNodes: Set<String> = [
        "HOSTNAME", "HOST", "PWD", "OLDPWD", "TMPDIR", "TMP", "TEMP", "DISPLAY", "WAYLAND_DISPLAY",
        "DBUS_SESSION_BUS_ADDRESS", "KRB5CCNAME", "SLURMD_NODENAME", "SLURM_CPUS_ON_NODE",
        "SLURM_JOB_GPUS", "SLURM_GPUS_ON_NODE", "SLURM_TOPOLOGY_ADDR", "CUDA_VISIBLE_DEVICES",
        "NVIDIA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES",
        "GPU_DEVICE_ORDINAL", "ZE_AFFINITY_MASK", "CUDA_MPS_PIPE_DIRECTORY",
    ]
    private static let prefixesOfNodes = ["XDG_", "SSH_"]

    /// This process's.
    static func own(host: String) -> CommandOrigin {
        CommandOrigin(
            host: host,
            folder: FileManager.default.currentDirectoryPath,
            variables: CommandEnvironment.base
        )
    }

    /// What commands start from on a host: rank 0's variables, but those of a node from there.
    func environment(on host: String, own: [[UInt8]]) -> [[UInt8]] {
        if host == self.host { return own }
        return variables.filter { !Self.isOfNode($0) } + own.filter(Self.isOfNode)
    }

    private static func isOfNode(_ variable: [UInt8]) -> Bool {
        let name = String(decoding: variable.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
        return ofNodes.contains(name) || prefixesOfNodes.contains { name.hasPrefix($0) }
    }

    /// Where a stage's commands run on this host that have no directory of their own.
    ///
    /// - Returns: `nil` where this process is there.
    /// - Throws: ``UsageError`` if the folder is missing here.
    func directory(for stage: StageSettings) throws(UsageError) -> [UInt8]? {
        guard folder != FileManager.default.currentDirectoryPath, stage.directory == nil else {
            return nil
        }
        guard FolderPath.isFolder(folder) else {
            throw UsageError(
                "the folder \(folder), in which rank 0 was started, is missing; start the run in a "
                    + "folder that every node has, or give the sweep a 'directory'"
            )
        }
        return Array(folder.utf8)
    }
}
