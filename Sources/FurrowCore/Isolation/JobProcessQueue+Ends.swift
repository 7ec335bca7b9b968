import Foundation
import FurrowRuns
import FurrowScheduling
import FurrowSystem
import MPI

/// What becomes of jobs whose process has ended.
extension JobProcessQueue {
    /// Goes on after a process has ended.
    func handle(_ end: JobProcessEnd, running: JobBoard.Running?) {
        process = nil
        JobProcesses.drop()
        // What was to be reported of them was not.
        pending.counts.succeeded += unreported
        totals.succeeded += unreported
        if unreported > 0 {
            hasPending = true
            streak.end()
        }
        unreported = 0
        let hasBegun = running != nil
        if isAbandoning {
            abandon(running)
        } else if isReplacing {
            isReplacing = false
        } else if let running, let first = held.first, first.firstJobNumber == running.number {
            crash(of: running, end)
        } else if !hasBegun {
            idleEnds += 1
            if idleEnds >= Self.mostIdleEnds {
                blame("\(end.description); no job had begun")
            }
        }
        if hasBegun { idleEnds = 0 }
        if mode != nil {
            held.removeAll()
            hasStopped = true
        }
        if isRecalled { giveBack() }
        begin()
    }

    private func abandon(_ running: JobBoard.Running?) {
        held.removeAll()
        hasStopped = true
        guard let running else { return }
        pending.counts.abandoned += 1
        totals.abandoned += 1
        pending.failures.append(
            failure(
                running,
                .abandoned,
                "had not ended \(options.grace) after it was cancelled, and was ended with its process"
            )
        )
        hasPending = true
    }

    private func crash(of running: JobBoard.Running, _ end: JobProcessEnd) {
        guard var first = held.first, let (index, whole) = first.popFirst() else { return }
        pending.crashes += 1
        hasPending = true
        var bytes = whole
        var ticket = JobTicket(takingFrom: &bytes, isJournaled: options.journal != nil)
        let job = try? bytes.withUnsafeBytes { try Work.coding.makeDecoder()($0) }
        let failure = failure(running, .failed, end.description, job)
        let time = running.start == 0 ? 0 : Date().timeIntervalSince1970 - running.start
        pending.elapsed += .seconds(max(0, time))
        var deaths = ticket.deaths + 1
        do {
            let counted = try crashes.add(ticket)
            deaths = counted.count
            try CrashRecord(
                stage: identity,
                ticket: ticket,
                running: running,
                failure: failure,
                deaths: counted,
                parameters: try job?.describeParameters() ?? "null"
            ).write(in: options.journal?.directory)
        } catch {
            pending.fault = RankProblem(
                .journal,
                "the end of a job could not be recorded: \(message(of: error))"
            )
            mode = mode ?? .abort
        }
        let isAgain =
            mode == nil && pending.fault == nil && running.attempt <= options.retries
            && deaths < options.crashLimit
        guard isAgain else {
            fail(failure)
            // One that has crashed too often is tried nowhere else.
            guard mode == nil, deaths < options.crashLimit else { return }
            ticket.deaths = deaths
            var again: [UInt8] = []
            ticket.append(to: &again)
            if streak.add(index, (again + bytes)[...]) { suspend(after: failure, isRetried: false) }
            return
        }
        held.popFirst()
        let retry = Retry(
            index,
            whole,
            isJournaled: options.journal != nil,
            deaths: deaths,
            after: failure
        )
        if start.movesRetries {
            pending.retries.append(retry)
            hasPending = true
            if streak.addRetried() { suspend(after: failure, isRetried: true) }
        } else {
            held.prepend(retry.frames)
            pauseEnd = .now + options.retryDelay(after: running.attempt)
            lastCrash = failure
        }
    }

    /// Starts nothing until rank 0 has found out whether this worker is to blame.
    private func suspend(after failure: JobFailure, isRetried: Bool) {
        isSuspended = true
        pending.problem = WorkerProblem(
            host: failure.host,
            message: failure.message,
            jobs: streak.message,
            isOfRetries: isRetried
        )
        hasPending = true
    }

    /// The first job has failed.
    private func fail(_ failure: JobFailure) {
        held.popFirst()
        pending.counts.failed += 1
        totals.failed += 1
        pending.failures.append(failure)
        hasPending = true
    }

    /// A job that waits for its next attempt has had its last.
    func giveUpRetry() {
        guard pauseEnd != nil, let lastCrash else { return }
        pauseEnd = nil
        fail(lastCrash)
    }

    private func failure(
        _ running: JobBoard.Running,
        _ state: JobFailure.State,
        _ message: String,
        _ job: Work? = nil
    ) -> JobFailure {
        JobFailure(
            index: running.number,
            parameters: job.map { parameters(of: $0) } ?? "",
            taskID: start.taskID,
            rank: start.rank,
            host: start.host,
            device: start.device,
            attempt: running.attempt,
            state: state,
            message: message
        )
    }
}
