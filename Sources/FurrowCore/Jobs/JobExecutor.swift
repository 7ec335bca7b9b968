import Foundation
import FurrowDevices
import FurrowRuns
import FurrowScheduling
import FurrowSystem
import Logging
import MPI

/// Runs jobs: on a worker, or in the single process of a serial run.
final class JobExecutor: Sendable {
    let stage: StageIdentity
    let taskID: Int?
    let rank: Int
    let host: String
    let device: Device?
    let options: RunOptions
    let journal: JournalWriter?
    let results: ResultFile?
    /// The running job, for the last word of a process that dies of it.
    let mark: JobMark
    let show: @Sendable ([UInt8]) -> Void
    /// Whether another worker may have a job's next attempt.
    private let movesRetries: Bool
    /// What jobs log; `nil` for a run without a directory.
    let log: JobLog?
    /// What jobs emit for rank 0, until it is sent there.
    let emitted: Screen
    /// What this rank's jobs share.
    let preparation = Preparation()

    /// - Parameters:
    ///   - movesRetries: whether another worker may have a job's next attempt.
    ///   - show: shows a text on rank 0's terminal.
    init(
        stage: StageIdentity,
        taskID: Int? = nil,
        rank: Int = 0,
        host: String,
        device: Device?,
        options: RunOptions = RunOptions(),
        movesRetries: Bool = false,
        show: @escaping @Sendable ([UInt8]) -> Void = { _ in }
    ) {
        self.stage = stage
        self.taskID = taskID
        self.rank = rank
        self.host = host
        self.device = device
        self.options = options
        self.movesRetries = movesRetries
        self.show = show
        let results = options.journal.map { ResultFile(in: $0.directory, rank: rank) }
        self.results = results
        log = options.journal.map { JobLog(in: $0.directory, rank: rank) }
        mark = JobMark(
            of: stage,
            at: taskID == nil ? host : "rank \(rank) on \(host)",
            in: options.journal?.directory,
            rank: rank,
            board: options.standIn?.board
        )
        emitted = Screen(passing: options.standIn?.emit)
        journal = options.journal.map {
            JournalWriter(in: $0.directory, rank: rank) {
                [beforeSync = options.beforeSync] () throws(FileError) in
                try results?.sync()
                try beforeSync?()
            }
        }
    }

    /// Syncs and closes the journal when no job runs any more.
    ///
    /// A file system that hangs is not waited for longer than a rank that is silent, once the run is
    /// to end: because it is stopping, or at a signal.
    ///
    /// - Parameter isStopping: whether the stage was stopped.
    func closeJournal(isStopping: Bool) throws {
        guard let journal = options.journal else { return try closeFiles() }
        let answers = Mailbox<FileError?>()
        let thread = DetachedThread.start {
            do throws(FileError) {
                try self.closeFiles()
                answers.post(nil)
            } catch {
                answers.post(error)
            }
        }
        guard thread == 0 else { return try closeFiles() }
        let limit = options.grace + StopPolicy.patience
        var end: ContinuousClock.Instant?
        while true {
            if let answer = answers.take(waitingUpTo: .milliseconds(100)).first {
                if let answer { throw answer }
                return
            }
            if end == nil, isStopping || Interruption.signal != nil { end = .now + limit }
            if let end, .now >= end {
                throw RunFault(
                    "rank \(rank) could not sync its journal in \(journal.directory) within "
                        + "\(limit); the file system may hang"
                )
            }
        }
    }

    private func closeFiles() throws(FileError) {
        mark.close()
        try journal?.close()
        try results?.close()
    }

    /// How a job ended here. Indirect: a success is then a word, which travels with each job, and not
    /// the size of a failure.
    indirect enum End: Sendable {
        case success
        case failure(JobFailure)
        /// It failed, and is to run once more on any worker.
        case retry(JobFailure)
        /// The run cannot go on, and this is to blame: the attempt could not be recorded, say.
        case fault(JobFailure, StageFailure.Cause)
        /// This worker cannot run it, and may run no other. The attempt does not count.
        case unable(JobFailure)
    }

    // `nonsending`: runs on the caller's executor. Looking for another one at each call would take
    // a tenth of the time of the smallest jobs.

    /// Runs a job, retries it if it fails and may be retried, and records each attempt.
    ///
    /// - Parameter keep: takes the output; an error that it throws counts as the job's failure.
    @inline(__always)
    nonisolated(nonsending) func run<Work: Job>(
        _ job: Work,
        _ ticket: JobTicket,
        keep: (Work.Output) throws -> Void
    ) async -> End {
        var attempt = ticket.attempt
        mark.begin(ticket.number)
        defer { mark.end() }
        if attempt > 1 { mark.note(attempt: attempt) }
        while true {
            let end: End
            var isPermanent = false
            if let journal {
                end = await runRecorded(job, ticket, attempt, journal, &isPermanent, keep: keep)
            } else {
                end = await run(job, ticket.number, attempt, &isPermanent, keep: keep)
            }
            guard case .failure(let failure) = end, failure.state == .failed, !isPermanent,
                attempt <= options.retries, !Task.isCancelled
            else { return end }
            if movesRetries { return .retry(failure) }
            do {
                try await Task.sleep(for: options.retryDelay(after: attempt))
            } catch {
                return end
            }
            attempt += 1
            mark.note(attempt: attempt)
        }
    }

    /// One attempt.
    @inline(__always)
    nonisolated(nonsending) func run<Work: Job>(
        _ job: Work,
        _ number: Int,
        _ attempt: Int,
        _ isPermanent: inout Bool,
        recording: Recording? = nil,
        keep: (Work.Output) throws -> Void
    ) async -> End {
        let context = JobContext(
            index: number,
            attempt: attempt,
            executor: self,
            recording: recording
        )
        do {
            if let timeout = options.timeout ?? Work.timeout {
                let work: @Sendable () async throws -> Work.Output = { try await job.run(context) }
                try keep(try await limited(to: timeout, grace: options.grace, work))
            } else {
                try keep(try await job.run(context))
            }
            return .success
        } catch {
            isPermanent = (error as? any PermanentFailure)?.isPermanent ?? false
            if (error as? TimeoutError)?.grace != nil { options.standIn?.noteStuck() }
            let isAsked = Task.isCancelled || Interruption.signal != nil
            let isCancelled = error is CancellationError && isAsked
            let failure = failure(
                of: job,
                number,
                attempt: attempt,
                isCancelled ? .cancelled : .failed,
                message(of: error)
            )
            guard let fault = error as? RunFault else { return .failure(failure) }
            return fault.isOfWorker ? .unable(failure) : .fault(failure, fault.cause)
        }
    }

    /// The record of a job that did not succeed.
    func failure(
        of job: (some Job)?,
        _ number: Int,
        attempt: Int = 1,
        _ state: JobFailure.State,
        _ message: String
    ) -> JobFailure {
        JobFailure(
            index: number,
            parameters: job.map(parameters) ?? "",
            taskID: taskID,
            rank: rank,
            host: host,
            device: device,
            attempt: attempt,
            state: state,
            message: message
        )
    }
}

extension JobExecutor {
    /// The record of a job that did not end after it was cancelled. Only the job itself has its
    /// parameters.
    func abandonment<Work: Job>(of type: Work.Type, _ number: Int) -> JobFailure {
        mark.end()
        preparation.forget()
        return failure(
            of: Work?.none,
            number,
            .abandoned,
            "had not ended \(options.grace) after it was cancelled"
        )
    }
}

/// A job's parameters in one line, cut off if they are long.
func parameters(of job: some Job) -> String {
    do {
        let text = try job.describeParameters()
        return text.utf8.count > 300 ? text.prefix(300) + "…" : text
    } catch {
        return "(parameters not representable as JSON: \(error))"
    }
}
