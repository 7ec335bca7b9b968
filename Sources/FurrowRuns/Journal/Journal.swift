/// Where one run records its attempts, the same on every rank. Made anew for each run, also one that
/// resumes another: it counts the run's stages.
public struct Journal: Sendable {
    /// The run's directory, which exists and which every rank sees.
    public var directory: String
    /// Whether jobs that failed in an earlier run are left as they are.
    public var keepsFailures: Bool
    package let occurrences = StageOccurrences()
    package let ends = StageEnds()

    /// - Parameters:
    ///   - directory: the run's directory, in which there is a folder `journal`.
    ///   - keepsFailures: whether jobs that failed in an earlier run are left as they are.
    public init(directory: String, keepsFailures: Bool = false) {
        self.directory = directory
        self.keepsFailures = keepsFailures
    }
}
