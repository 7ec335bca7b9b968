/// Reads every attempt of a journal, also those that a later attempt at the same job superseded.
package enum JournalScan {
    /// Calls a closure with every record, file by file. Damaged lines are left out.
    ///
    /// - Parameters:
    ///   - index: the journal.
    ///   - body: called with a record and its line.
    /// - Throws: ``FileError`` if a file cannot be read, or an error of `body`.
    package static func forEachAttempt(
        in index: JournalIndex,
        _ body: (JournalRecord, JournalLine) throws -> Void
    ) throws {
        for path in index.files {
            try LinePieces.forEachLine(of: path) { bytes, _ in
                guard !bytes.isEmpty, let line = try? JournalLine(bytes) else { return }
                try body(line.record, line)
            }
        }
    }
}
