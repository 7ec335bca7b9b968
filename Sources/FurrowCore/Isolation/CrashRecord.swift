import Foundation
import FurrowDevices
import FurrowRuns

/// The journal's record of an attempt that ended its process, which its rank writes.
struct CrashRecord {
    var stage: StageIdentity
    var ticket: JobTicket
    var running: JobBoard.Running
    var failure: JobFailure
    var deaths: JobDeaths
    var parameters: String

    /// Writes it into the rank's part of the journal; does nothing for a run without one.
    func write(in directory: String?) throws {
        guard let directory, let identity = ticket.identity else { return }
        // The mark that the process has left says the same.
        unlink(RunLayout(directory).running(rank: failure.rank))
        let now = Date().timeIntervalSince1970
        let start = running.start == 0 ? now : running.start
        var record = JournalRecord(
            stage: stage.name,
            stageOccurrence: stage.occurrence,
            id: identity,
            job: ticket.number + 1,
            attempt: running.attempt,
            state: .failed,
            start: start,
            duration: max(0, now - start),
            taskID: failure.taskID,
            rank: failure.rank,
            host: failure.host,
            device: failure.device?.description,
            message: failure.message
        )
        record.deaths = deaths
        let line = try record.line(parameters: parameters, result: nil)
        let writer = JournalWriter(in: directory, rank: failure.rank)
        try writer.append(line, after: .seconds(1))
        try writer.close()
    }
}

/// How often processes ended while they ran a job, in this start of a run and in those before it.
struct CrashCounts {
    private let directory: String?
    /// Read when the first job crashes.
    private var earlier: JournalIndex?

    /// - Parameter directory: the run's; `nil` for a run without a journal.
    init(in directory: String?) { self.directory = directory }

    /// Counts another one.
    mutating func add(_ ticket: JobTicket) throws -> JobDeaths {
        if ticket.deaths > 0 { return JobDeaths(after: JobDeaths(count: ticket.deaths)) }
        if earlier == nil, let directory { earlier = try JournalIndex(of: directory) }
        return JobDeaths(after: ticket.identity.flatMap { earlier?.entries[$0]?.deaths })
    }
}
