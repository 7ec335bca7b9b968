import FurrowRuns

/// What a rank that died had recorded in a stage: its results, which were in its memory, are read
/// from its journal.
struct LostRecords: Sendable {
    private let index: JournalIndex
    private let entries: [JobIdentity: JournalIndex.Entry]
    private let reader: KeptResultReader

    /// - Parameters:
    ///   - index: what the rank has recorded since the stage began.
    ///   - stage: the stage.
    init(_ index: JournalIndex, of stage: StageIdentity) {
        self.index = index
        reader = KeptResultReader(index)
        let wanted = JournalIndex.Stage(name: stage.name, occurrence: stage.occurrence)
        entries = index.entries.filter { index.stage(of: $0.value) == wanted }
    }

    /// How a job's last recorded attempt ended; `nil` if none did.
    func state(of job: JobIdentity) -> JournalRecord.State? { entries[job]?.state }

    /// The record of a job that failed.
    func failure(of job: JobIdentity, number: Int) throws -> JobFailure? {
        guard let entry = entries[job] else { return nil }
        let (record, parameters, _) = try JournalReader(index).attempt(at: entry)
        let message = record.message ?? "failed"
        return JobFailure(index: number, record, parameters: parameters, message: message)
    }

    /// The results, with the jobs' numbers.
    func results<Output: Codable & Sendable>(
        _ type: Output.Type
    ) throws -> [(number: Int, result: any Sendable)] {
        try entries.values.filter { $0.state == .succeeded }.map {
            ($0.job - 1, try reader.result(type, at: $0))
        }
    }

    /// The result of one job; `nil` if it has not succeeded.
    func result(of job: some Job, _ ticket: JobTicket) throws -> (any Sendable)? {
        guard let entry = ticket.identity.flatMap({ entries[$0] }), entry.state == .succeeded
        else { return nil }
        return try reader.result(of: job, ticket.number, at: entry)
    }
}
