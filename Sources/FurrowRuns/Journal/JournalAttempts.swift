/// All attempts of a journal, also those that a later attempt at the same job superseded: in little
/// memory, without parameters and results.
package struct JournalAttempts: Sendable {
    /// A worker: a rank on a host.
    package struct Worker: Sendable, Hashable {
        package var rank: Int
        /// From 0; `nil` for the only process of a serial run.
        package var taskID: Int?
        package var host: String
        package var device: String?

        /// - Parameters:
        ///   - rank: its rank.
        ///   - taskID: from 0; `nil` for the only process of a serial run.
        ///   - host: its host.
        ///   - device: the device's name in its environment variable.
        package init(rank: Int, taskID: Int?, host: String, device: String?) {
            self.rank = rank
            self.taskID = taskID
            self.host = host
            self.device = device
        }
    }

    /// One attempt.
    package struct Attempt: Sendable {
        /// The job.
        package let id: JobIdentity
        /// The stage's index in ``JournalIndex/stages``.
        package let stage: Int32
        /// The index in ``JournalAttempts/workers``.
        package let worker: Int32
        /// The job's number, from 1, in the run that made the record.
        package let job: Int
        /// The number of the attempt, from 1.
        package let number: Int
        /// How it ended.
        package let state: JournalRecord.State
        /// When it began, in seconds since 1970.
        package let start: Double
        /// How long it took, in seconds.
        package let duration: Double
    }

    /// The attempts, file by file.
    package private(set) var all: [Attempt] = []
    /// The workers that made them, in order of appearance.
    package private(set) var workers: [Worker] = []

    private var places: [Worker: Int] = [:]
    private var last = 0

    mutating func add(_ record: JournalRecord, stage: Int) {
        all.append(
            Attempt(
                id: record.id,
                stage: Int32(stage),
                worker: Int32(place(of: record)),
                job: record.job,
                number: record.attempt,
                state: record.state,
                start: record.start,
                duration: record.duration
            )
        )
    }

    private mutating func place(of record: JournalRecord) -> Int {
        let worker = Worker(
            rank: record.rank,
            taskID: record.taskID,
            host: record.host,
            device: record.device
        )
        // A file is mostly of one worker.
        if last < workers.count, workers[last] == worker { return last }
        last = places[worker] ?? workers.count
        if last == workers.count {
            places[worker] = last
            workers.append(worker)
        }
        return last
    }
}
