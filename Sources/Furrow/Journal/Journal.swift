/// Where a run records its attempts. The same on every rank.
public struct Journal: Sendable, Hashable {
    /// The run's directory, which exists and which every rank sees.
    public var directory: String
    /// Whether jobs that failed in an earlier run are left as they are.
    public var keepsFailures: Bool

    /// - Parameters:
    ///   - directory: the run's directory, in which there is a folder `journal`.
    ///   - keepsFailures: whether jobs that failed in an earlier run are left as they are.
    public init(directory: String, keepsFailures: Bool = false) {
        self.directory = directory
        self.keepsFailures = keepsFailures
    }
}
