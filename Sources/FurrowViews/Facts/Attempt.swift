package import FurrowRuns

/// One attempt at a job, as charts need it.
package struct Attempt: Sendable, Hashable {
    /// How it ended, or that it has not.
    package enum State: Int, Sendable {
        case succeeded, failed, cancelled
        /// It runs.
        case running
        /// It ran when the run was killed.
        case lost

        /// The word for people.
        package var name: String { String(describing: self) }
    }

    /// The stage's place in ``RunFacts/stages``.
    package var stage: Int
    /// The job's number, from 1.
    package var job: Int
    /// Whether the stage no longer has the job, whose number may now be another's.
    package var isFormer = false
    /// The number of the attempt, from 1.
    package var attempt: Int
    package var state: State
    /// When it began, in seconds since 1970.
    package var start: Double
    /// How long it took, in seconds.
    package var seconds: Double
    /// Its worker's place in ``RunFacts/workers``.
    package var worker: Int
    /// The place in ``RunFacts/sessions`` of the start of the run that made it.
    package var session = 0

    /// When it ended, in seconds since 1970.
    package var end: Double { start + seconds }
}

/// A worker: a rank on a host.
package typealias Worker = JournalAttempts.Worker

extension JournalAttempts.Worker {
    /// The name for people: `task 3`.
    package var name: String { taskID.map { "task \($0)" } ?? "serial" }
}

/// The run from one start, or resumption, to its end.
package struct Session: Sendable, Hashable {
    /// When it began, in seconds since 1970.
    package var start: Double
    /// How long it took, in seconds.
    package var seconds: Double
    /// How long the sessions before it took together.
    package var base: Double
    /// How many workers it had.
    package var workers: Int

    package var end: Double { start + seconds }
}
