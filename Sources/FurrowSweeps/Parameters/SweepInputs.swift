import Foundation
import FurrowRuns
import FurrowSystem
import Synchronization

/// The files named in a sweep file. The run keeps copies of them, so that its plan can be made
/// again even if they have changed.
final class SweepInputs: Sendable {
    private let base: String
    /// Whether they are those of a run that is read again.
    let isKept: Bool
    private let files = Mutex<[String: [UInt8]]>([:])

    /// - Parameters:
    ///   - base: the folder that relative paths start from.
    ///   - isKept: whether to read the copies that ``save(in:)`` made in a run's directory.
    init(relativeTo base: String, isKept: Bool = false) {
        self.base = base
        self.isKept = isKept
    }

    /// A file's content. Each file is read once, because it may be a pipe.
    func read(_ path: String) throws -> [UInt8] {
        let place: String
        if isKept {
            place = RunLayout(base).input(Self.name(of: path))
        } else {
            place = path.hasPrefix("/") || base.isEmpty ? path : "\(base)/\(path)"
        }
        return try content(path) { () throws(FileError) in try InputFile.read(place) }
    }

    /// Standard input to its end; for a reopened run, the saved copy.
    func readStandardInput() throws -> [UInt8] {
        if isKept { return try read("-") }
        return try content("-") { () throws(FileError) in try InputFile.read(.standardInput) }
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

    /// Saves copies of the files that were read in a run's directory.
    func save(in directory: String) throws {
        let files = files.withLock { $0 }
        guard !files.isEmpty else { return }
        let layout = RunLayout(directory)
        try Durability.makeFolders(layout.inputs)
        for (path, bytes) in files {
            try AtomicFile.write(bytes, to: layout.input(Self.name(of: path)))
        }
    }

    /// Files of the same name in different folders get different names.
    private static func name(of path: String) -> String {
        let hash = JobIdentity(stage: "", canonical: Array(path.utf8)).description.prefix(8)
        return "\(hash)-\(path.nameOfPath)"
    }
}
