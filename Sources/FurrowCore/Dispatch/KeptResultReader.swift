import FurrowRuns

/// Reads results of earlier runs from the journal, as a stage's jobs are made.
struct KeptResultReader: Sendable {
    private struct Line<Output: Decodable>: Decodable {
        var result: Output
    }

    private let reader: JournalReader

    init(_ index: JournalIndex) { reader = JournalReader(index) }

    /// A job's result.
    ///
    /// - Parameter number: the job's number.
    /// - Throws: `FileError` if it cannot be read; another error if it is not an `Output`.
    func result(
        of job: some Job,
        _ number: Int,
        at entry: JournalIndex.Entry
    ) throws -> any Sendable {
        if let job = job as? any JournalsOtherwise { return try restored(job, number, at: entry) }
        return try output(of: job, at: entry)
    }

    private func restored<Work: JournalsOtherwise>(
        _ job: Work,
        _ number: Int,
        at entry: JournalIndex.Entry
    ) throws -> any Sendable {
        job.restore(try result(Work.Recorded.self, at: entry), of: number)
    }

    private func output<Work: Job>(
        of job: Work,
        at entry: JournalIndex.Entry
    ) throws -> any Sendable {
        try result(Work.Output.self, at: entry)
    }

    /// A result of a type.
    func result<Output: Codable & Sendable>(
        _ type: Output.Type,
        at entry: JournalIndex.Entry
    ) throws -> Output {
        guard let stored = try reader.storedResult(at: entry) else {
            return try reader.decode(Line<Output>.self, at: entry).result
        }
        return try stored.withUnsafeBytes { try WireDecoder().decode(Output.self, from: $0) }
    }
}
