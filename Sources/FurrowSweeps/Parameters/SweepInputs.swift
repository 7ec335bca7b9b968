import Foundation
import FurrowRuns
import FurrowSystem
import Synchronization

/// The files that a sweep file names. They are kept with the run, so that its plan can be made again
/// whatever became of them.
final class SweepInputs: Sendable {
    private let base: String
    private let isKept: Bool
    private let files = Mutex<[String: [UInt8]]>([:])

    /// - Parameters:
    ///   - base: the folder that relative paths start from.
    ///   - isKept: whether they are read as ``save(in:)`` left them, from a run's directory.
    init(relativeTo base: String, isKept: Bool = false) {
        self.base = base
        self.isKept = isKept
    }

    /// A file's content. Each is read once, for it may be a pipe.
    func read(_ path: String) throws -> [UInt8] {
        let place: String
        if isKept {
            place = RunLayout(base).input(Self.name(of: path))
        } else {
            place = path.hasPrefix("/") || base.isEmpty ? path : "\(base)/\(path)"
        }
        return try content(path) { () throws(FileError) in try InputFile.read(place) }
    }

    /// What stands on standard input, to its end; of a reopened run, what stood there.
    func readStandardInput() throws -> [UInt8] {
        if isKept { return try read("-") }
        return try content("-") { () throws(FileError) in
            try InputFile.read(STDIN_FILENO, path: "standard input")
        }
    }

    private func content(
        _ path: String,
        read: () throws(FileError) -> [UInt8]
    ) throws(FileError) -> [UInt8] {
        try files.withLock { (files) throws(FileError) in
            if let bytes = files[path] { return bytes }
            let bytes = try read()
            files[path] = bytes
            return bytes
        }
    }

    /// Keeps what was read in a run's directory.
    func save(in directory: String) throws {
        let files = files.withLock { $0 }
        guard !files.isEmpty else { return }
        let layout = RunLayout(directory)
        try Durability.makeFolders(layout.inputs)
        for (path, bytes) in files {
            try AtomicFile.write(bytes, to: layout.input(Self.name(of: path)))
        }
    }

    /// Two files of one name in different folders stay apart.
    private static func name(of path: String) -> String {
        let hash = JobIdentity(stage: "", canonical: Array(path.utf8)).description.prefix(8)
        return "\(hash)-\(path.nameOfPath)"
    }
}
