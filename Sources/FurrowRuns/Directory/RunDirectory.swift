import Foundation
import FurrowSystem
import Synchronization

/// The directory of one run: `<runs>/<name>/<start time>`, with a link `latest` next to it.
///
/// It is made when a path in it is first requested, so a run that writes nothing leaves nothing.
/// For use on rank 0.
public final class RunDirectory: Sendable {
    private let parent: String
    private var latest: String { parent + "/" + RunLayout.latest }
    private let start: Date
    private let made = Mutex(Made())

    private struct Made {
        var directory: String?
        /// The missing directories above it, the topmost first.
        var above: [String] = []
        /// The files whose paths were requested.
        var asked: Set<String> = []
    }

    /// - Parameters:
    ///   - runs: the directory of all runs, absolute or from the working directory.
    ///   - name: the name of the runs of this program.
    public init(under runs: String, name: String) {
        parent = runs + "/" + name
        start = Date()
    }

    /// A directory that exists.
    public init(at path: String) {
        parent = path.folderOfPath
        start = Date()
        made.withLock { $0.directory = path }
    }

    /// The path of a file in the directory. Makes the directory if necessary.
    ///
    /// - Throws: if the directory cannot be made.
    public func path(of file: String) throws -> String {
        try made.withLock { made in
            made.asked.insert(file)
            if let directory = made.directory { return directory + "/" + file }
            made.above = Self.missing(parent)
            let directory = try make()
            made.directory = directory
            return directory + "/" + file
        }
    }

    /// The directory itself, which is made if it was not.
    package func directory() throws -> String { String(try path(of: "").dropLast()) }

    /// Whether the path of a file was requested, to write it.
    package func wasAsked(for file: String) -> Bool { made.withLock { $0.asked.contains(file) } }

    /// Removes the files of a run that did not start, and points `latest` at the run before, where
    /// that is known. Ignores errors.
    public func remove() {
        let made = made.withLock { $0 }
        guard let directory = made.directory else { return }
        try? FileManager.default.removeItem(atPath: directory)
        do {
            if let before = try RunFinder.findIfPresent(parent, under: "") {
                link(to: before.nameOfPath)
            } else {
                unlink(latest)
                for directory in made.above.reversed() { rmdir(directory) }
            }
        } catch {
            // There may be one, so that `latest` stays.
        }
    }

    private func make() throws -> String {
        try Durability.makeFolders(parent)
        let stamp = start.localName
        // Two runs may begin in the same second.
        for attempt in 1...1000 {
            let name = attempt == 1 ? stamp : "\(stamp)-\(attempt)"
            let directory = parent + "/" + name
            if mkdir(directory, 0o777) == 0 {
                link(to: name)
                try Durability.syncFolder(of: directory)
                return directory
            }
            guard errno == EEXIST else { throw FileError(directory) }
        }
        throw FileError(parent)
    }

    /// The missing directories of a path, the topmost first.
    private static func missing(_ path: String) -> [String] {
        var missing: [String] = []
        var path = path
        while !path.isEmpty, path != "/", !FileManager.default.fileExists(atPath: path) {
            missing.append(path)
            path = path.folderOfPath
        }
        return missing.reversed()
    }

    /// Points `latest` at a run in one step, so that it never points nowhere. Not worth a run: some
    /// file systems have no links.
    private func link(to name: String) {
        let new = parent + "/.\(RunLayout.latest)-\(getpid())"
        unlink(new)
        guard symlink(name, new) == 0, rename(new, latest) == 0 else {
            StandardError.write("Warning: \(FileError(latest))")
            unlink(new)
            return
        }
    }

    /// Checks that the directory can be made, and leaves nothing behind.
    ///
    /// - Throws: a usage error with a remedy.
    package func probe() throws {
        var created: [String] = []
        defer { for directory in created.reversed() { rmdir(directory) } }
        do {
            for directory in Self.missing(parent) {
                guard mkdir(directory, 0o777) == 0 else { throw FileError(directory) }
                created.append(directory)
            }
            let trial = parent + "/.trial-\(getpid())"
            guard mkdir(trial, 0o777) == 0 else { throw FileError(trial) }
            created.append(trial)
        } catch {
            throw UsageError(
                "the runs directory '\(parent)' cannot be written: \(error); name another with "
                    + "--runs-dir"
            )
        }
    }
}
