/// One rank's survey of its node.
struct RankSurvey: Codable, Sendable, Hashable {
    var rank: Int
    var host: String
    /// The lowest rank of its node, which identifies the node.
    var node: Int
    /// Its index among the workers of its node; `nil` if it takes no jobs.
    var localIndex: Int?
    /// The device of its jobs, for example `CUDA_VISIBLE_DEVICES=1`.
    var device: String?
    /// The single devices in that.
    var deviceNames: [String] = []
    /// All devices of the node that this rank may use.
    var visible: [String] = []
    /// On how many cores it may run, and how many its node has.
    var cores: Int
    var nodeCores: Int
    /// Its clock, in seconds since 1970, read at the same moment on all ranks.
    var clock: Double
    /// Whether it sees the file that rank 0 has just written into the runs directory; `nil` if
    /// another rank of its node checks.
    var seesRuns: Bool?

    /// The worker's rank − 1; `nil` if it takes no jobs.
    var taskID: Int? { localIndex == nil ? nil : max(0, rank - 1) }
}
