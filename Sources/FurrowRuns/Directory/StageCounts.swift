extension RunRecord {
    /// The counts of a stage's jobs.
    package struct StageCounts: Codable, Sendable, Hashable {
        /// The stage's label.
        package var stage: String
        /// How many jobs there are, if known.
        package var total: Int?
        /// How many succeeded.
        package var succeeded = 0
        /// How many failed.
        package var failed = 0
        /// The names of an application's parameters, as they are declared.
        package var parameters: [String]?

        /// The others: not started, cancelled or running; `nil` if unknown.
        package var left: Int? { total.map { max(0, $0 - succeeded - failed) } }

        package init(stage: String, total: Int?) {
            self.stage = stage
            self.total = total
        }

        /// Counts a job by its final state.
        package mutating func count(_ state: JournalRecord.State?) {
            switch state {
            case .succeeded: succeeded += 1
            case .failed: failed += 1
            case .cancelled, nil: break
            }
        }
    }
}
