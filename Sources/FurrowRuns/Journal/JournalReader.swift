import Foundation
import FurrowSystem
import Synchronization

/// Reads single records of a journal.
///
/// There is one file for every worker that ever ran, perhaps more than a process may open. So files
/// are opened on request, and only the most recently used ones stay open.
package final class JournalReader: Sendable {
    /// A line that no longer matches the index.
    package struct DamagedLine: Error, CustomStringConvertible {
        var path: String
        var offset: Int
        var reason: String
        package var description: String {
            "\(path): the line at byte \(offset) cannot be read: \(reason)"
        }
    }

    /// The most files open at a time by default: an eighth of the process's limit, but not more
    /// than this.
    private static let mostOpen = 64

    private let index: JournalIndex
    private let capacity: Int
    /// The most recently used file is at the end.
    private let open = Mutex<[(number: Int32, file: OpenFile)]>([])

    /// A reader with no file open yet.
    package convenience init(_ index: JournalIndex) {
        var limit = rlimit()
        let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        let share = isKnown ? Int(clamping: limit.rlim_cur / 8) : Self.mostOpen
        self.init(index, capacity: max(1, min(Self.mostOpen, share)))
    }

    /// - Parameter capacity: the most files open at a time.
    init(_ index: JournalIndex, capacity: Int) {
        self.index = index
        self.capacity = capacity
    }

    /// A record, or the part of it that a type decodes.
    ///
    /// - Throws: if the line cannot be read or decoded; the error names the file.
    package func decode<Value: Decodable>(
        _ type: Value.Type,
        at entry: JournalIndex.Entry
    ) throws -> Value {
        let bytes = try bytes(of: entry)
        do {
            return try JSONDecoder.journal.decode(type, from: Data(bytes))
        } catch {
            throw damagedLine(entry, error)
        }
    }

    /// A whole record, with the attempt's parameters and result.
    ///
    /// - Throws: if the line cannot be read or is damaged; the error names the file.
    package func attempt(
        at entry: JournalIndex.Entry
    ) throws -> (record: JournalRecord, parameters: JSON, result: JSON?) {
        do {
            let line = try JournalLine(try bytes(of: entry))
            let (parameters, result) = try line.content()
            return (line.record, parameters, result)
        } catch let error as JournalLine.Damaged {
            throw damagedLine(entry, error)
        }
    }

    /// A result that is stored beside the journal; `nil` for one that its line has in full.
    ///
    /// - Throws: if the line or the file cannot be read or is damaged.
    package func storedResult(at entry: JournalIndex.Entry) throws -> [UInt8]? {
        let line: JournalLine
        do {
            line = try JournalLine(try bytes(of: entry))
        } catch let error as JournalLine.Damaged {
            throw damagedLine(entry, error)
        }
        let path = RunLayout.largeResults(beside: index.files[Int(entry.file)])
        return try line.record.storedResult?.read(from: path)
    }

    private func damagedLine(_ entry: JournalIndex.Entry, _ error: any Error) -> DamagedLine {
        let path = index.files[Int(entry.file)]
        return DamagedLine(path: path, offset: entry.offset, reason: "\(error)")
    }

    private func bytes(of entry: JournalIndex.Entry) throws(FileError) -> [UInt8] {
        try open.withLock { (open) throws(FileError) in
            try file(entry.file, in: &open).read(Int(entry.length), at: entry.offset)
        }
    }

    private func file(
        _ number: Int32,
        in open: inout [(number: Int32, file: OpenFile)]
    ) throws(FileError) -> OpenFile {
        if let place = open.lastIndex(where: { $0.number == number }) {
            let found = open.remove(at: place)
            open.append(found)
            return found.file
        }
        if open.count == capacity { open.removeFirst() }
        let file = try InputFile.openRegular(index.files[Int(number)])
        open.append((number, file))
        return file
    }
}
