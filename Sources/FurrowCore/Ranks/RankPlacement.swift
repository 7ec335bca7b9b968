package import FurrowDevices
import FurrowRuns
import FurrowSystem
import MPI

/// Where this rank runs and which devices it has.
package struct RankPlacement: Sendable, Equatable {
    /// Its index among the workers of its node, from 0; `nil` on rank 0 and on ranks that take no
    /// jobs.
    package var localIndex: Int?
    /// What it gives to its jobs.
    package var device: Device?
    /// What its node has, as far as this process may use it.
    package var visible: NodeDevices?
    /// How many workers, on all nodes, have a device that another has too.
    var sharing = 0
}

/// What was found on this node: the drivers are asked once, since NVML takes some 10 ms to start.
@MPIActor private var found: [DeviceKind: NodeDevices?] = [:]
@MPIActor private var hasWarned = false

extension Communicator {
    /// This rank's devices: those of its node, by its index among the workers of its node. Rank 0,
    /// unless it is alone, and ranks that take no jobs have none and are not counted. Collective.
    ///
    /// Ranks of one node are found by `MPI_Comm_split_type` (``splitByNode()``).
    ///
    /// - Parameters:
    ///   - options: the same on every rank.
    ///   - requiresDevices: whether it is an error not to find those that `options` ask for.
    /// - Throws: ``ParallelExecutionError``, the same on every rank, where devices of a kind, or more
    ///   than one a worker, were asked for and a worker's node has not so many.
    package func place(
        _ options: RunOptions,
        requiresDevices: Bool = true
    ) throws -> RankPlacement {
        // Rank 0 may still be asking SLURM for its time limit: whoever waits for it here sleeps.
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
            // Ranks keep their order on the node: rank 0 is before its workers, others behind.
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

    /// How many workers of a node have a device that another has too.
    ///
    /// - Parameter names: what each of them has.
    private static func sharing(_ names: [ArraySlice<UInt8>]) -> Int {
        let devices = names.map { Set($0.split(separator: UInt8(ascii: ","))) }
        var users: [ArraySlice<UInt8>: Int] = [:]
        for device in devices.joined() { users[device, default: 0] += 1 }
        return devices.count { $0.contains { users[$0, default: 0] > 1 } }
    }

    /// Says once in the life of this process that workers share their devices.
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
