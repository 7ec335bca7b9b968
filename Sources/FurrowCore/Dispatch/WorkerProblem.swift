/// Why jobs may have to run on other workers.
struct WorkerProblem: Codable, Sendable, Equatable {
    /// The worker's host.
    var host: String
    /// Of its last failed job; or why it can run none.
    var message: String
    /// Its last jobs, which have all failed; empty if it can run none.
    var jobs: [UInt8] = []
    /// Whether the last of them runs once more anyway, so that nothing more is to be tried.
    var isOfRetries = false
}
