import Foundation
import FurrowDevices
import FurrowRuns
import FurrowSystem

/// Attempts that are recorded in the journal.
extension JobExecutor {
    /// One attempt, and its line in the journal.
    nonisolated(nonsending) func runRecorded<Work: Job>(
        _ job: Work,
        _ ticket: JobTicket,
        _ attempt: Int,
        _ journal: JournalWriter,
        _ isPermanent: inout Bool,
        keep: (Work.Output) throws -> Void
    ) async -> End {
        let parameters: String
        do {
            parameters = try job.describeParameters()
        } catch {
            let reason = UncodableValue("its parameters cannot be recorded", error)
            return .failure(
                failure(of: Work?.none, ticket.number, attempt: attempt, .failed, "\(reason)")
            )
        }
        let called = Recording.Beginning()
        if let identity = ticket.identity {
            mark.note(identity, start: called.date.timeIntervalSince1970, parameters: parameters)
        }
        let recording = Recording()
        var output: Work.Output?
        var end = await run(job, ticket.number, attempt, &isPermanent, recording: recording) {
            output = $0
            try keep($0)
        }
        switch end {
        case .fault, .unable: return end
        case .success, .failure, .retry: break
        }
        let start = recording.start ?? called
        let duration = ContinuousClock.now - start.instant
        var result: RecordedResult?
        do {
            result = try recordedResult(output, recording)
        } catch {
            // A value that cannot be written is its own job's failure.
            if case .success = end {
                let reason = UncodableValue("its result cannot be recorded", error)
                end = .failure(
                    failure(of: job, ticket.number, attempt: attempt, .failed, "\(reason)")
                )
            }
        }
        do {
            var stored: StoredResult?
            if case .success = end, let bytes = result?.stored {
                stored = try results?.append(bytes)
            }
            let line = try line(
                parameters,
                ticket,
                attempt,
                start.date,
                duration,
                end,
                result?.text,
                stored
            )
            try journal.append(line, after: duration)
            return end
        } catch {
            return .fault(
                failure(
                    of: job,
                    ticket.number,
                    attempt: attempt,
                    .failed,
                    "its end could not be recorded: \(message(of: error))"
                ),
                .journal
            )
        }
    }

    /// What the journal gets of a result.
    private struct RecordedResult {
        /// For people: JSON.
        var text: String?
        /// For the next run, if the text is not the whole result.
        var stored: [UInt8]?
    }

    /// The most bytes of a result that the journal has in full as text. JSON takes up to 400 times
    /// as long as the form in which results travel.
    private static let mostText = 1 << 10
    /// A value without fields.
    private static let empty = [WireTag.keyed.rawValue] + [UInt8](repeating: 0, count: 8)

    private func recordedResult(
        _ output: (some Codable & Sendable)?,
        _ recording: Recording
    ) throws -> RecordedResult {
        var result = RecordedResult(text: try recording.take()?())
        guard let output = recording.output ?? output else { return result }
        return try recordedResult(output, &result)
    }

    private func recordedResult(
        _ output: some Encodable,
        _ result: inout RecordedResult
    ) throws -> RecordedResult {
        var bytes: [UInt8] = []
        try WireEncoder().encode(output, into: &bytes)
        if bytes.count > Self.mostText || result.text != nil && bytes != Self.empty {
            result.stored = bytes
        }
        if result.text == nil {
            result.text =
                result.stored == nil
                ? try JSONEncoder.journal.text(output) : try WireSummary.json(of: bytes)
        }
        return result
    }

    private func line(
        _ parameters: String,
        _ ticket: JobTicket,
        _ attempt: Int,
        _ start: Date,
        _ duration: Duration,
        _ end: End,
        _ result: String?,
        _ stored: StoredResult?
    ) throws -> [UInt8] {
        guard let identity = ticket.identity else {
            preconditionFailure("a journaled job has an identity")
        }
        var record = JournalRecord(
            stage: stage.name,
            stageOccurrence: stage.occurrence,
            id: identity,
            job: ticket.number + 1,
            attempt: attempt,
            state: .succeeded,
            start: start.timeIntervalSince1970,
            duration: duration.seconds,
            taskID: taskID,
            rank: rank,
            host: host,
            device: device?.description,
            storedResult: stored
        )
        if case .failure(let failure) = end {
            record.state = failure.state == .cancelled ? .cancelled : .failed
            record.message = failure.message
        }
        return try record.line(
            parameters: parameters,
            result: result
        )
    }
}
