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

/// What a placement depends on: it is the same for every stage of a launch that asks for the same.
private struct PlacementKey: Hashable {
    let communicator: ObjectIdentifier
    let workers: ClosedRange<Int>
    let kind: DeviceKind
    let devicesPerJob: Int
}

@MPIActor private var placements: [PlacementKey: (own: RankPlacement, lacking: Int)] = [:]

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
    /// - Throws: `ParallelExecutionError`, the same on every rank, if devices of one kind, or
    ///   more than one per worker, were requested and a worker's node has fewer.
    package func place(
        _ options: RunOptions,
        requiresDevices: Bool = true
    ) throws -> RankPlacement {
        // A process that stands in for a rank has the rank's devices.
        guard !isReplayed else { return RankPlacement() }
        return try Hearing.unnoted {
            try placeRanks(options, requiresDevices: requiresDevices)
        }
    }

    private func placeRanks(
        _ options: RunOptions,
        requiresDevices: Bool
    ) throws -> RankPlacement {
        // Rank 0 may still be asking SLURM for its time limit, so the waiting ranks sleep.
        try barrier()
        // Alone, rank 0 runs the jobs.
        let workers = size == 1 ? 0...0 : 1...max(1, options.nJobs ?? size - 1)
        let key = PlacementKey(
            communicator: ObjectIdentifier(self),
            workers: workers,
            kind: options.deviceKind,
            devicesPerJob: options.devicesPerJob
        )
        let (placement, lacking) = try placements[key] ?? place(key)
        placements[key] = (placement, lacking)
        let (kind, needed) = (key.kind, key.devicesPerJob)
        let isAskedFor = kind != .none && (kind != .auto || needed > 1)
        if requiresDevices, isAskedFor, lacking > 0 {
            throw ParallelExecutionError(
                failure: StageFailure(
                    stage: "",
                    cause: .usage,
                    message: "--device \(kind.rawValue), \(needed) for each worker: the nodes of "
                        + "\(lacking) of \(workers.count) workers have fewer; 'furrow devices', "
                        + "started on the same ranks, shows which"
                        + (kind == .levelZero ? "; Intel's are those in ZE_AFFINITY_MASK" : "")
                )
            )
        }
        return placement
    }

    /// - Returns: also how many workers lack devices.
    private func place(_ key: PlacementKey) throws -> (own: RankPlacement, lacking: Int) {
        let visible =
            found[key.kind]
            ?? NodeDevices(
                key.kind,
                environment: processEnvironment(),
                driver: DeviceDriver()
            )
        found[key.kind] = .some(visible)
        var placement = RankPlacement(visible: visible)
        let node = try splitByNode()
        let isWithRoot = try node.maximum(rank == 0 && size > 1 ? 1 : 0) == 1
        let isWorker = key.workers ~= rank
        if isWorker {
            // Ranks keep their order on the node: rank 0 is before its workers, others behind.
            let index = node.rank - (isWithRoot ? 1 : 0)
            placement.localIndex = index
            placement.device = visible?.assigned(to: index, count: key.devicesPerJob)
        }
        let onNode = try node.gatherBlocks([Array((placement.device?.name ?? "").utf8)])
        try node.free()
        let lacking = isWorker && (visible?.names.count ?? 0) < key.devicesPerJob ? 1 : 0
        let counts = try sum([Int64(lacking), Int64(Self.sharing(onNode))]).map { Int($0) }
        placement.sharing = counts[1]
        return (placement, counts[0])
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
