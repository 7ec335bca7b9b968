internal import Foundation
import Furrow

/// Standard output or error.
public enum OutputKind: String, Sendable {
    /// Standard output.
    case out
    /// Standard error.
    case err
}

/// The folder `output` of a run's directory, as one start of the run uses it.
///
/// The first start writes to `worker-0003.out`, the second to `worker-0003.2.out`, and so on: what
/// the journal says of an earlier start's files stays true of them, also where they were removed.
struct OutputFolder: Sendable, Hashable {
    /// The run's directory.
    let directory: String
    /// Which start of the run it is, from 1.
    let start: Int

    /// The folder of a start that is known.
    init(in directory: String, start: Int) {
        self.directory = directory
        self.start = start
    }

    /// The folder of a new start: its number is one that no file and no record has.
    ///
    /// - Throws: ``Furrow/FileError`` or Foundation's, when the directory cannot be read.
    init(startingIn directory: String) throws {
        let last = try Self.lastStart(ofFilesIn: directory)
        self.init(in: directory, start: try max(last, Self.lastStart(of: directory)) + 1)
    }

    /// The folder of the last start that has files.
    init(latestIn directory: String) throws {
        self.init(in: directory, start: max(1, try Self.lastStart(ofFilesIn: directory)))
    }

    /// The file of all of a worker's output or errors.
    func path(rank: Int, _ kind: OutputKind) -> String {
        let number = start > 1 ? ".\(start)" : ""
        return "\(directory)/output/\(workerName(rank: rank))\(number).\(kind.rawValue)"
    }

    /// Puts the names of the files on disk.
    func sync() throws(FileError) {
        let path = "\(directory)/output"
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path) }
        defer { close(descriptor) }
        // Some file systems cannot, and need not.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError(path) }
    }

    private static func lastStart(ofFilesIn directory: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "\(directory)/output")
            .map(start(ofFile:)).max() ?? 0
    }

    /// The number in a name as ``path(rank:_:)`` makes it; that of the first start where there is
    /// none.
    private static func start(ofFile name: String) -> Int {
        let parts = name.split(separator: ".")
        return parts.count == 3 ? Int(parts[1]) ?? 1 : 1
    }

    private static func lastStart(of directory: String) throws -> Int {
        if let record = try? RunRecord(of: directory) {
            // A run that was submitted counts from when it was.
            return record.state == .submitted ? 0 : record.starts.count
        }
        // Without a record that can be read, the journal knows.
        struct Line: Decodable {
            struct Result: Decodable { var start: Int? }
            var result: Result?
        }
        let index = try JournalIndex(of: directory)
        let reader = try JournalReader(index)
        return try index.entries.values.reduce(0) { last, entry in
            max(last, try reader.decode(Line.self, at: entry).result?.start ?? 1)
        }
    }
}
