/// The journal of one run, the same on every rank. Make a new one for each start of a run: it
/// counts the run's stages.
public struct Journal: Sendable {
    /// The run's directory, which exists and is visible to every rank.
    public var directory: String
    /// Whether jobs that failed in an earlier run are not run again.
    public var keepsFailures: Bool
    package let occurrences = StageOccurrences()
    package let ends = StageEnds()
    package let phases = RunPhases()

    /// - Parameters:
    ///   - directory: the run's directory, with a folder `journal`.
    ///   - keepsFailures: whether jobs that failed in an earlier run are not run again.
    public init(directory: String, keepsFailures: Bool = false) {
        self.directory = directory
        self.keepsFailures = keepsFailures
    }
}
