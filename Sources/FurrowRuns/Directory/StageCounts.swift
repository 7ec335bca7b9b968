extension RunRecord {
    /// How the jobs of a stage stand.
    package struct StageCounts: Codable, Sendable, Hashable {
        /// The stage's label.
        package var stage: String
        /// How many jobs there are, where that is known.
        package var total: Int?
        /// How many succeeded.
        package var succeeded = 0
        /// How many failed.
        package var failed = 0

        /// Neither: not started, cancelled, or running; `nil` where nobody knows how many.
        package var left: Int? { total.map { max(0, $0 - succeeded - failed) } }

        package init(stage: String, total: Int?) {
            self.stage = stage
            self.total = total
        }

        /// Counts a job by its last word.
        package mutating func count(_ state: JournalRecord.State?) {
            switch state {
            case .succeeded: succeeded += 1
            case .failed: failed += 1
            case .cancelled, nil: break
            }
        }
    }
}
