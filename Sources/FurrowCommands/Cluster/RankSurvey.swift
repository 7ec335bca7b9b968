/// What one rank says of the place where it runs.
struct RankSurvey: Codable, Sendable, Hashable {
    var rank: Int
    var host: String
    /// The lowest rank of its node, which names the node.
    var node: Int
    /// Its index among the workers of its node; `nil` where it takes no jobs.
    var localIndex: Int?
    /// What its jobs get, for example `CUDA_VISIBLE_DEVICES=1`.
    var device: String?
    /// The single devices in that.
    var deviceNames: [String] = []
    /// All devices of the node that this rank may use.
    var visible: [String] = []
    /// On how many of its node's cores it may run, and how many those are.
    var cores: Int
    var nodeCores: Int
    /// Its clock, in seconds since 1970, at one moment for all ranks.
    var clock: Double
    /// Whether it reads in the directory of all runs what rank 0 has just written there; `nil` where
    /// another rank of its node looks.
    var seesRuns: Bool?

    /// The worker's rank − 1; `nil` where it takes no jobs.
    var taskID: Int? { localIndex == nil ? nil : max(0, rank - 1) }
}
