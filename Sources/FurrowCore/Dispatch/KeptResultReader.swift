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
    /// - Throws: `FileError` if it cannot be read; another error if it is not an `Output`.
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
