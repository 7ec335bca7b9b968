import FurrowSystem

/// The report of `furrow devices`: the ranks' hosts, devices and cores, and any problems.
struct ClusterReport {
    private let ranks: [RankSurvey]
    private let expectsDevices: Bool
    private let runs: String

    /// - Parameters:
    ///   - ranks: one survey per rank, rank 0 first.
    ///   - expectsDevices: whether to warn about workers without a device.
    ///   - runs: the directory of all runs.
    init(_ ranks: [RankSurvey], expectsDevices: Bool, runs: String) {
        self.ranks = ranks
        self.expectsDevices = expectsDevices
        self.runs = runs
    }

    /// A row for each rank.
    var table: String {
        var table = TextTable(
            columns: ["rank", "host", "task id", "local index", "device", "cores"]
        )
        for rank in ranks {
            table.append([
                "\(rank.rank)", rank.host, rank.taskID.map { "\($0)" } ?? "",
                rank.localIndex.map { "\($0)" } ?? "", rank.device ?? "",
                "\(rank.cores) of \(rank.nodeCores)",
            ])
        }
        return table.text
    }

    /// Problems that a user may not expect.
    var warnings: [String] {
        nodes.flatMap { sharedDevices($0) + idleDevices($0) } + withoutDevice + singleCoreRanks
            + wrongClocks
            + nodesWithOtherRuns
    }

    /// The ranks of each node.
    private var nodes: [[RankSurvey]] {
        var order: [Int] = []
        var nodes: [Int: [RankSurvey]] = [:]
        for rank in ranks {
            if nodes[rank.node] == nil { order.append(rank.node) }
            nodes[rank.node, default: []].append(rank)
        }
        return order.compactMap { nodes[$0] }
    }

    private func sharedDevices(_ node: [RankSurvey]) -> [String] {
        var users: [String: [Int]] = [:]
        for rank in node {
            for name in rank.deviceNames { users[name, default: []].append(rank.taskID ?? 0) }
        }
        return users.sorted { $0.key < $1.key }.filter { $0.value.count > 1 }.map { name, tasks in
            "device \(name) of \(node[0].host) is shared by tasks \(list(tasks))"
        }
    }

    private func idleDevices(_ node: [RankSurvey]) -> [String] {
        let used = Set(node.flatMap(\.deviceNames))
        var idle: [String] = []
        for name in node.flatMap(\.visible) where !used.contains(name) && !idle.contains(name) {
            idle.append(name)
        }
        guard !idle.isEmpty else { return [] }
        return [
            "no worker uses device\(idle.count > 1 ? "s" : "") \(idle.joined(separator: ", ")) of "
                + "\(node[0].host): start more ranks there"
        ]
    }

    private var withoutDevice: [String] {
        let workers = ranks.filter { $0.localIndex != nil }
        let tasks = workers.filter { $0.device == nil }.compactMap(\.taskID)
        if tasks.isEmpty || !expectsDevices { return [] }
        if tasks.count == workers.count {
            return ["no worker has a device: jobs run on the processors"]
        }
        return ["tasks \(list(tasks)) have no device"]
    }

    private var singleCoreRanks: [String] {
        let bound = ranks.filter { $0.cores == 1 && $0.nodeCores > 1 }
        guard !bound.isEmpty else { return [] }
        return [
            "ranks \(list(bound.map(\.rank))) are bound to one core: mpirun --bind-to none, "
                + "srun --cpu-bind=none or, for Intel MPI, I_MPI_PIN=0 gives them all cores"
        ]
    }

    /// Hosts whose clocks are more than a second from rank 0's.
    private var wrongClocks: [String] {
        guard let first = ranks.first else { return [] }
        return nodes.compactMap { node in
            let ahead = node[0].clock - first.clock
            guard abs(ahead) > 1 else { return nil }
            let time = Quantity.time(seconds: abs(ahead))
            return "the clock of \(node[0].host) is \(time) \(ahead > 0 ? "ahead of" : "behind") "
                + "that of \(first.host): times in the journal cannot be compared"
        }
    }

    /// Nodes whose runs directory is not rank 0's.
    private var nodesWithOtherRuns: [String] {
        let hosts = ranks.filter { $0.seesRuns == false }.map(\.host)
        guard let first = ranks.first, !hosts.isEmpty else { return [] }
        return [
            "\(runs) on \(hosts.listed(most: 8)) is not the same as on \(first.host): use "
                + "--runs-dir with a directory that all nodes share"
        ]
    }

    private func list(_ numbers: [Int]) -> String { numbers.map { "\($0)" }.listed(most: 8) }
}
