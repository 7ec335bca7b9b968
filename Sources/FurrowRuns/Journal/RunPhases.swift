import Foundation
import Synchronization

/// What rank 0 does for a stage, beside dealing jobs: with the times, for the record. On rank 0.
package final class RunPhases: Sendable {
    /// A span of rank 0's time.
    package struct Phase: Codable, Sendable, Hashable {
        /// What rank 0 did.
        package enum Name: String, Codable, Sendable {
            /// Read the journal and counted the jobs.
            case prepare
            /// Made jobs and dealt them.
            case deal
            /// Waited for the workers and gathered their results.
            case gather
            /// Collected and saved the results.
            case collect
            /// Wrote the tables.
            case tables
        }

        /// The stage's label.
        package var stage: String
        package var name: Name
        /// When it began, in seconds since 1970.
        package var start: Double
        /// When it ended, in seconds since 1970.
        package var end: Double

        /// - Parameters:
        ///   - stage: the stage's label.
        ///   - name: what rank 0 did.
        ///   - start: when it began, in seconds since 1970.
        ///   - end: when it ended, in seconds since 1970.
        package init(stage: String, name: Name, start: Double, end: Double) {
            self.stage = stage
            self.name = name
            self.start = start
            self.end = end
        }
    }

    private let phases = Mutex<[Phase]>([])

    package init() {}

    /// All phases that ended, in order.
    package var all: [Phase] { phases.withLock { $0 } }

    /// Notes a phase that ends now.
    ///
    /// - Parameters:
    ///   - name: what rank 0 did.
    ///   - stage: the stage's label.
    ///   - start: when it began, in seconds since 1970.
    /// - Returns: when it ended: when the next one begins.
    @discardableResult
    package func note(_ name: Phase.Name, of stage: String, since start: Double) -> Double {
        let end = Date().timeIntervalSince1970
        phases.withLock { $0.append(Phase(stage: stage, name: name, start: start, end: end)) }
        return end
    }
}
