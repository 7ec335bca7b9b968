import FurrowRuns

/// What the live view shows of a run at one moment.
package struct LiveRun: Sendable {
    /// A worker and its job.
    package struct Place: Sendable, Hashable {
        package var worker: String
        package var host: String
        /// The job's number, from 1; `nil` if it has none that lasts.
        package var job: Int?
        /// How long the job has run.
        package var seconds: Double

        package init(worker: String, host: String, job: Int?, seconds: Double) {
            self.worker = worker
            self.host = host
            self.job = job
            self.seconds = seconds
        }
    }

    /// The run's directory.
    package var directory: String
    package var state: String
    /// The running stage, or the last one.
    package var stage: String
    package var total: Int?
    package var succeeded = 0
    package var failed = 0
    /// Jobs that end in a second.
    package var rate: Double?
    package var secondsLeft: Double?
    package var places: [Place] = []
    /// Why it does what it does.
    package var reasons: [String] = []
    /// The last failures, the latest first.
    package var failures: [String] = []
    /// The best results so far.
    package var best: [String] = []

    /// Whether it goes on.
    package var isRunning: Bool { state == RunRecord.State.running.rawValue }

    package init(directory: String, state: String, stage: String) {
        self.directory = directory
        self.state = state
        self.stage = stage
    }
}
