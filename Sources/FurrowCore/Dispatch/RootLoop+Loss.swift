import FurrowRuns
import FurrowScheduling
import FurrowSystem
import MPI

// A rank that dies is a worker less: what it has recorded counts, and what else it held is dealt to
// others, or the stage ends.
extension RootLoop {
    /// Goes on without a rank, or ends the stage, as the options say.
    mutating func lose(_ lost: LostRank) throws {
        guard world.members.contains(lost.rank), losses.ranks.insert(lost.rank).inserted else {
            return
        }
        channel.drop(lost.rank)
        awaited?.remove(lost.rank)
        let worker = lost.rank - 1
        // Ranks beyond those that take jobs have none.
        let isWorker = worker < dispatcher.count
        let end = isWorker ? recover(worker, lost) : WorkerEnd()
        for verdict in end.verdicts { try obey(verdict) }
        if isWorker {
            monitor.lose(
                worker,
                succeeded: end.succeeded,
                failures: end.failures,
                lacking: end.lacking
            )
        }
        var addition = end.running.map { ", with job \($0 + 1)" } ?? ""
        if end.lacking > 0 {
            addition += ", and \(end.lacking) result\(end.lacking == 1 ? "" : "s") with it"
        }
        let isInRank = options.isolation != .process && !options.hasUniqueStage
        if lost.hasCrashed, end.running != nil, isInRank {
            addition += "; with --isolation process a job that crashes is a failed job"
        }
        // Those that were taken out do not count.
        let verdicts = isWorker ? quarantine.remove(worker) : []
        for verdict in verdicts ?? [] { try obey(verdict) }
        let isLast = verdicts == nil
        let goesOn =
            options.onLoss == .continue && losses.ranks.count <= losses.most && end.lacking == 0
            && !isLast
        if goesOn {
            monitor.goOn(without: lost, addition)
            if !end.failures.isEmpty {
                policy.handle(.jobFailed(options.onFailure.stopMode), at: .now)
            }
        } else {
            if isLast, dispatcher.count > 1 { addition += "; no other worker is left" }
            monitor.blame(.loss, "\(lost.description)\(addition); \(options.resumption)")
            policy.handle(.fault, at: .now)
        }
    }

    /// What became of a dead worker's jobs, beyond what it has reported.
    private struct WorkerEnd {
        var succeeded = 0
        var failures: [JobFailure] = []
        /// The number of the job that it had when it died.
        var running: Int?
        /// How many results were in its memory only.
        var lacking = 0
        /// What the ends of jobs say of suspected workers.
        var verdicts: [Quarantine.Verdict] = []
    }

    /// Takes a worker's jobs from it.
    private mutating func recover(_ worker: Int, _ lost: LostRank) -> WorkerEnd {
        var end = WorkerEnd()
        let (pieces, earlier) = losses.dealt.take(from: worker)
        do {
            let records = try losses.ledger.records(of: lost.rank)
            try read(pieces, records, lost, &end)
            if losses.areKept {
                let results = try records.map { try losses.results($0, earlier + pieces) } ?? []
                losses.ledger.adopt(results)
                let succeeded = monitor.succeeded(on: worker) + end.succeeded
                end.lacking = max(0, succeeded - results.count)
            }
            if let directory = options.journal?.directory {
                try JobMark.recordDeath(of: lost.rank, on: lost.host, in: directory)
            }
        } catch {
            monitor.blame(.journal, message(of: error))
            policy.handle(.fault, at: .now)
        }
        let ended = end.succeeded + end.failures.count
        if ended > 0 {
            let jobs = Array(dispatcher.held(by: worker).joined().prefix(ended))
            retries.end(jobs)
            end.verdicts = quarantine.heed(
                jobs,
                on: worker,
                succeeded: end.succeeded,
                failed: end.failures.count
            )
            dispatcher.handle(.completed(worker: worker, jobs: ended, seconds: 0))
        }
        dispatcher.handle(.lost(worker: worker))
        var left = ended
        for var piece in pieces {
            let count = min(left, piece.count)
            _ = piece.popFirst(count)
            left -= count
            store.insert(piece)
        }
        return end
    }

    /// Looks for the end of each job in the order in which they ran, up to the first without one.
    private mutating func read(
        _ pieces: [JobFrames],
        _ records: LostRecords?,
        _ lost: LostRank,
        _ end: inout WorkerEnd
    ) throws {
        // Its job has ended elsewhere.
        if dispatcher.isLate(lost.rank - 1) { return }
        for var piece in pieces {
            while let (place, frame) = piece.popFirst() {
                var bytes = frame
                let ticket = JobTicket(
                    takingFrom: &bytes,
                    isJournaled: losses.ledger.isJournaled
                )
                let state = ticket.identity.flatMap { records?.state(of: $0) }
                if state == .succeeded {
                    end.succeeded += 1
                } else if state == .failed, options.retries == 0, let job = ticket.identity,
                    let failure = try records?.failure(of: job, number: ticket.number)
                {
                    end.failures.append(failure)
                } else {
                    end.running = ticket.number
                    losses.deaths[place, default: 0] += 1
                    guard options.onLoss == .continue,
                        losses.deaths[place] == options.crashLimit
                    else { return }
                    end.failures.append(
                        JobFailure(
                            index: ticket.number,
                            parameters: "",
                            taskID: lost.rank - 1,
                            rank: lost.rank,
                            host: lost.host,
                            device: nil,
                            attempt: 1,
                            state: .failed,
                            message: "\(options.crashLimit) workers died with this job"
                        )
                    )
                    return
                }
            }
        }
    }
}
