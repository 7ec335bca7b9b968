import Foundation
package import FurrowRuns
import FurrowSystem

/// What happened in a run, read once: its record, its stages and all attempts at its jobs.
package struct RunFacts {
    /// A stage, and what is known of its jobs beyond the journal.
    package typealias PlannedStage = (stage: JournalIndex.Stage, plan: any StagePlan)

    /// What the run was read with.
    package let reader: RunReader
    /// The stages, in order.
    package let stages: [PlannedStage]
    /// How the jobs of each stage differ from those of the journal.
    package let changes: [StageChanges]
    /// What rank 0 last knew; `nil` if it wrote nothing.
    package let last: RunState?
    /// `running`, `killed`, or the state in the record.
    package let state: String
    /// The workers, by rank.
    package private(set) var workers: [Worker] = []
    /// All attempts, by start.
    package private(set) var attempts: [Attempt] = []
    /// The starts of the run in which jobs ran, and the last one.
    package private(set) var sessions: [Session] = []

    /// The run's record; `nil` if it was lost.
    package var record: RunRecord? { reader.record }
    /// Whether it goes on.
    package var isRunning: Bool { state == RunRecord.State.running.rawValue }

    /// Reads a run.
    ///
    /// - Parameters:
    ///   - reader: the run; it has best kept its attempts.
    ///   - stages: its stages, in order.
    ///   - changes: how the jobs of each stage differ from those of the journal; default: that is
    ///     found out.
    /// - Throws: if the journal cannot be read.
    package init(
        _ reader: RunReader,
        _ stages: [PlannedStage],
        changes: [StageChanges]? = nil
    ) throws {
        self.reader = reader
        self.stages = stages
        self.changes =
            try changes
            ?? stages.map { stage, plan in
                try StageJobs(in: reader.index, of: stage, as: plan).changes
            }
        last = try RunState(of: reader.directory)
        state = Self.state(of: reader)
        try readAttempts()
        addRunning()
        findSessions()
        attempts.sort { ($0.start, $0.job) < ($1.start, $1.job) }
    }

    /// A run that its record calls running, and that nobody runs, was killed.
    private static func state(of reader: RunReader) -> String {
        let recorded = reader.record?.state ?? .running
        guard recorded == .running, RunLock.owner(of: reader.directory) == nil else {
            return recorded.rawValue
        }
        return killed
    }

    private static let killed = "killed"

    private mutating func readAttempts() throws {
        let recorded = try reader.attempts()
        let places = reader.index.stages.map { stage in
            stages.firstIndex { $0.stage == stage }
        }
        var workerPlaces: [Int?] = recorded.workers.map { _ in nil }
        attempts.reserveCapacity(recorded.all.count)
        for attempt in recorded.all {
            guard let place = places[Int(attempt.stage)] else { continue }
            let worker = workerPlaces[Int(attempt.worker)] ?? workers.count
            if worker == workers.count {
                workerPlaces[Int(attempt.worker)] = worker
                workers.append(recorded.workers[Int(attempt.worker)])
            }
            let number = changes[place].number(of: attempt.id, recordedAs: attempt.job)
            attempts.append(
                Attempt(
                    stage: place,
                    job: number ?? attempt.job,
                    isFormer: number == nil,
                    attempt: attempt.number,
                    state: Self.state(attempt.state),
                    start: attempt.start,
                    seconds: attempt.duration,
                    worker: worker
                )
            )
        }
        sortWorkers()
    }

    private static func state(_ state: JournalRecord.State) -> Attempt.State {
        switch state {
        case .succeeded: .succeeded
        case .failed: .failed
        case .cancelled: .cancelled
        }
    }

    private mutating func sortWorkers() {
        let order = workers.indices.sorted {
            (workers[$0].rank, workers[$0].host) < (workers[$1].rank, workers[$1].host)
        }
        var places = workers.map { _ in 0 }
        for (new, old) in order.enumerated() { places[old] = new }
        workers = order.map { workers[$0] }
        for place in attempts.indices { attempts[place].worker = places[attempts[place].worker] }
    }

    /// The jobs that run, or ran when the run was killed, are in rank 0's last words only.
    private mutating func addRunning() {
        guard let last, isRunning || state == Self.killed,
            let place = stages.firstIndex(where: { $0.stage.name == last.stage })
        else { return }
        let ended = Set(attempts.filter { $0.stage == place }.map { Place($0) })
        for job in last.running {
            let rank = record?.ranks.first { $0.rank == job.taskID + 1 } ?? record?.ranks.first
            guard let rank else { continue }
            let worker = Worker(
                rank: rank.rank,
                taskID: rank.rank == 0 ? nil : job.taskID,
                host: rank.host,
                device: rank.device
            )
            let workerPlace = workers.firstIndex(of: worker) ?? workers.count
            if workerPlace == workers.count { workers.append(worker) }
            let end = isRunning ? Date().timeIntervalSince1970 : last.updated
            let attempt = Attempt(
                stage: place,
                job: job.job,
                attempt: 1,
                state: isRunning ? .running : .lost,
                start: job.since,
                seconds: max(0, end - job.since),
                worker: workerPlace
            )
            // The journal may already have the end of a job that ran a second ago.
            if !ended.contains(Place(attempt)) { attempts.append(attempt) }
        }
    }

    /// Tells whether the journal has the end of an attempt that rank 0 saw running.
    private struct Place: Hashable {
        var job: Int
        /// Rank 0 hears of a start within a fraction of a second.
        var second: Double

        init(_ attempt: Attempt) {
            job = attempt.job
            second = attempt.start.rounded()
        }
    }

    private mutating func findSessions() {
        let first = attempts.map(\.start).min()
        var starts = (record?.starts ?? []).sorted()
        if starts.isEmpty { starts = [first ?? 0] }
        var ends = starts
        var used = starts.map { _ in Set<Int>() }
        for place in attempts.indices {
            let start = attempts[place].start
            // The clocks of hosts may differ: what began before the first start belongs to it.
            let session = max(0, (starts.lastIndex { $0 <= start } ?? 0))
            attempts[place].session = session
            ends[session] = max(ends[session], attempts[place].end)
            used[session].insert(attempts[place].worker)
        }
        let now = Date().timeIntervalSince1970
        let lastPlace = starts.count - 1
        if isRunning {
            ends[lastPlace] = now
        } else if let end = record?.end, record?.state != .running, end >= starts[lastPlace] {
            ends[lastPlace] = end
        } else if let last, last.start >= starts[lastPlace] {
            ends[lastPlace] = max(ends[lastPlace], last.updated)
        }
        // Starts without a job, such as the moment of a submission, are left out.
        var kept: [Int] = []
        var base = 0.0
        let ranks = record.map { max(1, $0.ranks.count - 1) } ?? 1
        for place in starts.indices where place == lastPlace || !used[place].isEmpty {
            kept.append(place)
            let isLast = place == lastPlace
            let seconds = max(0, ends[place] - starts[place])
            let workers = max(used[place].count, isLast ? ranks : 1)
            sessions.append(
                Session(start: starts[place], seconds: seconds, base: base, workers: workers)
            )
            base += seconds
        }
        let places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        for place in attempts.indices {
            attempts[place].session = places[attempts[place].session] ?? 0
        }
    }

    /// How long the run took, over all its starts.
    package var wallSeconds: Double { sessions.last.map { $0.base + $0.seconds } ?? 0 }

    /// Where a moment stands on an axis of the run's time, on which its starts follow each other
    /// without a gap.
    package func position(of moment: Double, in session: Int) -> Double {
        let session = sessions[session]
        return session.base + min(max(0, moment - session.start), max(session.seconds, 0))
    }
}
