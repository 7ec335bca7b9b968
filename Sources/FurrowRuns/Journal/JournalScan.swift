import FurrowSystem
import Glibc

/// Reads every attempt of a journal, also those that a later attempt at the same job superseded.
package enum JournalScan {
    private static let pieceSize = 1 << 20

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
            try forEachLine(of: path) { bytes in
                guard !bytes.isEmpty, let line = try? JournalLine(bytes) else { return }
                try body(line.record, line)
            }
        }
    }

    /// An incomplete last line is left out.
    private static func forEachLine(of path: String, _ body: ([UInt8]) throws -> Void) throws {
        let descriptor = try InputFile.openRegular(path)
        defer { close(descriptor) }
        var piece = [UInt8](repeating: 0, count: pieceSize)
        var line: [UInt8] = []
        while true {
            let count = read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError(path) }
            guard count > 0 else { return }
            var rest = piece[..<count]
            while let feed = rest.firstIndex(of: UInt8(ascii: "\n")) {
                line += rest[..<feed]
                rest = rest[(feed + 1)...]
                try body(line)
                line.removeAll(keepingCapacity: true)
            }
            line += rest
        }
    }
}
