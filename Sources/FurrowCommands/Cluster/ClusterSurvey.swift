import CLinux
import Foundation
package import FurrowCore
import FurrowDevices
import FurrowRuns
import FurrowSystem
package import MPI

/// Surveys the ranks of a launch and their nodes, for a first check of a new cluster.
@MPIActor
package enum ClusterSurvey {
    /// How long a node may take to see a file written by rank 0: network file systems cache that a
    /// file is missing.
    private static let patience = Duration.seconds(5)

    /// Collects a survey of every rank, and prints the report on rank 0. Collective.
    ///
    /// - Parameters:
    ///   - world: all ranks.
    ///   - options: the kind of devices, and how many each worker gets.
    ///   - runs: the directory of all runs.
    /// - Throws: `MPIError`; ``ParallelExecutionError``, the same on every rank.
    package static func run(_ world: Communicator, _ options: RunOptions, runs: String) throws {
        let placement = try world.place(options, requiresDevices: false)
        let node = try world.splitByNode()
        let first = -(try node.maximum(-world.rank))
        // Rank 0 always sees its own file.
        let isReader = node.rank == 0 && world.rank > 0 || first == 0 && node.rank == 1
        try node.free()
        let token = try Token(world, in: runs)
        let seesRuns = isReader ? token.isVisible(within: patience) : nil
        try world.barrier()
        let clock = Date().timeIntervalSince1970
        if world.rank == 0 { token.remove() }
        let survey = RankSurvey(
            rank: world.rank,
            host: world.host,
            node: first,
            localIndex: placement.localIndex,
            device: placement.device?.description,
            deviceNames: placement.device?.name.split(separator: ",").map { String($0) } ?? [],
            visible: placement.visible?.names ?? [],
            cores: Int(clinux_allowed_cores()),
            nodeCores: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
            clock: clock,
            seesRuns: seesRuns
        )
        let all = try world.gatherBlocks([Array(try JSONEncoder().encode(survey))])
        guard world.rank == 0 else { return }
        let report = ClusterReport(
            try all.map { try JSONDecoder().decode(RankSurvey.self, from: Data($0)) },
            expectsDevices: options.deviceKind != .none,
            runs: token.folder
        )
        print(report.table, terminator: "")
        for warning in report.warnings { print("Warning: \(warning)") }
    }

    /// A file that rank 0 writes, for the other nodes to find.
    private struct Token: Codable {
        var folder: String
        var content: String
        private var path: String { "\(folder)/.token-\(content)" }

        @MPIActor
        init(_ world: Communicator, in runs: String) throws {
            self = try world.share(blaming: .usage) {
                do {
                    let token = Token(
                        folder: try FolderPath.making(runs),
                        content: UUID().uuidString
                    )
                    try Data(token.content.utf8).write(to: URL(fileURLWithPath: token.path))
                    return token
                } catch {
                    throw UsageError(
                        "the runs directory '\(runs)' cannot be written: \(message(of: error)); "
                            + "name another with --runs-dir"
                    )
                }
            }
        }

        private init(folder: String, content: String) {
            (self.folder, self.content) = (folder, content)
        }

        func isVisible(within time: Duration) -> Bool {
            let end = ContinuousClock.now + time
            repeat {
                if FileManager.default.contents(atPath: path) == Data(content.utf8) { return true }
                usleep(100_000)
            } while ContinuousClock.now < end
            return false
        }

        /// Ignores errors: it is a hidden file of 36 bytes.
        func remove() { unlink(path) }
    }
}
