internal import Foundation

/// Reads single records of a journal again.
///
/// There may be more files than a process may open: one for every worker there ever was. So a file
/// is opened when a record of it is asked for, and some are kept open, those used last.
public final class JournalReader {
    /// A line that cannot be read as what the index took it for.
    struct DamagedLine: Error, CustomStringConvertible {
        var path: String
        var offset: Int
        var reason: String
        var description: String { "\(path): the line at byte \(offset) cannot be read: \(reason)" }
    }

    /// The most files that are open at a time, by default: an eighth of what this process may open,
    /// and no more than this.
    private static let mostOpen = 64

    private let index: JournalIndex
    private let capacity: Int
    /// The one used last at the end.
    private var open: [(file: Int32, descriptor: Int32)] = []

    /// Opens nothing yet.
    public convenience init(_ index: JournalIndex) {
        var limit = rlimit()
        let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        let share = isKnown ? Int(clamping: limit.rlim_cur / 8) : Self.mostOpen
        self.init(index, capacity: max(1, min(Self.mostOpen, share)))
    }

    /// - Parameter capacity: how many files are open at most.
    init(_ index: JournalIndex, capacity: Int) {
        self.index = index
        self.capacity = capacity
    }

    deinit {
        for (_, descriptor) in open { close(descriptor) }
    }

    /// A record, or as much of it as a type wants.
    ///
    /// - Throws: when the line cannot be read, or is not what the type wants; the error names the file.
    public func decode<Value: Decodable>(
        _ type: Value.Type,
        at entry: JournalIndex.Entry
    ) throws -> Value {
        let path = index.files[Int(entry.file)]
        let descriptor = try descriptor(of: entry.file)
        let length = Int(entry.length)
        var bytes = [UInt8](repeating: 0, count: length)
        let count = pread(descriptor, &bytes, length, off_t(entry.offset))
        guard count >= 0 else { throw FileError(path) }
        do {
            return try JSONDecoder.journal.decode(type, from: Data(bytes[..<count]))
        } catch {
            throw DamagedLine(path: path, offset: entry.offset, reason: "\(error)")
        }
    }

    private func descriptor(of file: Int32) throws(FileError) -> Int32 {
        if let place = open.lastIndex(where: { $0.file == file }) {
            let found = open.remove(at: place)
            open.append(found)
            return found.descriptor
        }
        if open.count == capacity { close(open.removeFirst().descriptor) }
        let path = index.files[Int(file)]
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path) }
        open.append((file, descriptor))
        return descriptor
    }
}
