package import FurrowDevices
import FurrowRuns
import FurrowSystem
import MPI

/// A rank's position on its node, and its devices.
package struct RankPlacement: Sendable, Equatable {
    /// Its index among the workers of its node, from 0; `nil` on rank 0 and on ranks that take no
    /// jobs.
    package var localIndex: Int?
    /// The device for its jobs.
    package var device: Device?
    /// The devices of its node that this process may use.
    package var visible: NodeDevices?
    /// How many workers, on all nodes, share a device with another one.
    var sharing = 0
}

/// The devices of this node: the drivers are asked once, because NVML takes some 10 ms to start.
@MPIActor private var found: [DeviceKind: NodeDevices?] = [:]
@MPIActor private var hasWarned = false

extension Communicator {
    /// Assigns this rank devices of its node, by its index among the workers of its node. Ranks
    /// that take no jobs, such as rank 0 unless it is alone, get none and are not counted.
    /// Collective.
    ///
    /// Ranks of one node are found by `MPI_Comm_split_type` (``splitByNode()``).
    ///
    /// - Parameters:
    ///   - options: the same on every rank.
    ///   - requiresDevices: whether it is an error if the devices requested by `options` are
    ///     missing.
    /// - Throws: ``ParallelExecutionError``, the same on every rank, if devices of one kind, or
    ///   more than one per worker, were requested and a worker's node has fewer.
    package func place(
        _ options: RunOptions,
        requiresDevices: Bool = true
    ) throws -> RankPlacement {
        // Rank 0 may still be asking SLURM for its time limit, so the waiting ranks sleep.
        try barrier()
        // Alone, rank 0 runs the jobs.
        let workers = size == 1 ? 0...0 : 1...max(1, options.nJobs ?? size - 1)
        let kind = options.deviceKind
        let visible =
            found[kind]
            ?? NodeDevices(
                kind,
                environment: processEnvironment(),
                driver: DeviceDriver()
            )
        found[kind] = .some(visible)
        var placement = RankPlacement(visible: visible)
        let node = try splitByNode()
        let isWithRoot = try node.maximum(rank == 0 && size > 1 ? 1 : 0) == 1
        if workers ~= rank {
            // Ranks keep their order on the node: rank 0 comes before its workers, ranks without
            // jobs after them.
            let index = node.rank - (isWithRoot ? 1 : 0)
            placement.localIndex = index
            placement.device = visible?.assigned(to: index, count: options.devicesPerJob)
        }
        let onNode = try node.gatherBlocks([Array((placement.device?.name ?? "").utf8)])
        try node.free()
        let needed = options.devicesPerJob
        let lacking = workers ~= rank && (visible?.names.count ?? 0) < needed ? 1 : 0
        let counts = try sum([Int64(lacking), Int64(Self.sharing(onNode))]).map { Int($0) }
        let isAskedFor = kind != .none && (kind != .auto || needed > 1)
        if requiresDevices, isAskedFor, counts[0] > 0 {
            throw ParallelExecutionError(
                failure: StageFailure(
                    stage: "",
                    cause: .usage,
                    message: "--device \(kind.rawValue), \(needed) for each worker: the nodes of "
                        + "\(counts[0]) of \(workers.count) workers have fewer; 'furrow devices', "
                        + "started on the same ranks, shows which"
                        + (kind == .levelZero ? "; Intel's are those in ZE_AFFINITY_MASK" : "")
                )
            )
        }
        placement.sharing = counts[1]
        return placement
    }

    /// How many workers of a node share a device with another one.
    ///
    /// - Parameter names: each worker's devices.
    private static func sharing(_ names: [ArraySlice<UInt8>]) -> Int {
        let devices = names.map { Set($0.split(separator: UInt8(ascii: ","))) }
        var users: [ArraySlice<UInt8>: Int] = [:]
        for device in devices.joined() { users[device, default: 0] += 1 }
        return devices.count { $0.contains { users[$0, default: 0] > 1 } }
    }

    /// Warns, once per process, that workers share devices.
    func warn(of placement: RankPlacement) {
        guard placement.sharing > 0, !hasWarned else { return }
        hasWarned = true
        StandardError.write(
            "Warning: \(placement.sharing) workers share their devices with others: there are more "
                + "workers than devices on their nodes; 'furrow devices', started on the same "
                + "ranks, shows which"
        )
    }
}
