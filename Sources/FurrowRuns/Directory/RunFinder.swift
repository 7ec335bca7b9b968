import Foundation
package import FurrowSystem

/// Finds runs by their names.
package enum RunFinder {
    /// The directory of a run.
    ///
    /// - Parameters:
    ///   - run: a path, `NAME` for the newest of that name, or `NAME/TIME`; `nil` for the newest.
    ///   - runs: the directory of all runs.
    /// - Throws: ``UsageError`` if there is no such run.
    package static func find(_ run: String?, under runs: String) throws -> String {
        guard let run else {
            guard let newest = try all(under: runs).last else {
                throw UsageError("there is no run in '\(runs)'; name another with --runs-dir")
            }
            return newest
        }
        if let found = try findIfPresent(run, under: runs) { return found }
        let names = Set(
            try all(under: runs).compactMap { $0.split(separator: "/").dropLast().last }
        )
        let nearest = NearestName.nearest(to: run, among: names.map(String.init))
        throw UsageError(
            "there is no run '\(run)', as a path or in '\(runs)'"
                + (nearest.map { "; did you mean '\($0)'?" } ?? "; `furrow runs` lists them")
        )
    }

    /// The same; `nil` if there is no such run.
    package static func findIfPresent(_ run: String, under runs: String) throws -> String? {
        for candidate in [run, runs + "/" + run] {
            if try isRun(candidate) { return trimmed(candidate) }
            if let newest = try times(in: candidate).last { return candidate + "/" + newest.name }
        }
        return nil
    }

    /// All runs, the one that started last at the end. Warns of those that cannot be looked at.
    package static func all(under runs: String) throws -> [String] {
        // Their names cannot be compared: some are times, some are SLURM job numbers.
        try names(in: runs)
            .flatMap { name in
                do {
                    return try times(in: runs + "/" + name).map {
                        ($0.starts.last, "\(runs)/\(name)/\($0.name)")
                    }
                } catch {
                    StandardError.write("Warning: \(message(of: error))")
                    return []
                }
            }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
            .map(\.1)
    }

    /// Whether a directory has a run: its record or, if that was lost, a journal.
    package static func isRun(_ path: String) throws(FileError) -> Bool {
        do {
            if try Presence.of(RunLayout(path).record) { return true }
        } catch let error where error.code == EACCES {
            return false
        }
        return try names(in: RunLayout(path).journal).contains(where: RunLayout.isJournal)
    }

    /// Whether a path is a file, and so not a run.
    package static func isFile(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && !isDirectory.boolValue
    }

    private typealias Time = (name: String, starts: (first: Double, last: Double))

    /// The runs of one name by their first start, the newest last.
    private static func times(in directory: String) throws -> [Time] {
        // Their names cannot say: they are in local time, which has one hour twice in autumn.
        let runs = try names(in: directory).filter {
            try $0 != RunLayout.latest && isRun(directory + "/" + $0)
        }
        return try runs.map { ($0, try RunRecord.starts(of: directory + "/" + $0)) }
            .sorted { (left: Time, right: Time) in
                if left.starts.first != right.starts.first {
                    return left.starts.first < right.starts.first
                }
                return left.name.localizedStandardCompare(right.name) == .orderedAscending
            }
    }

    /// None where it is no folder, or one that is closed to this user: others have runs, too.
    private static func names(in directory: String) throws(FileError) -> [String] {
        do {
            return try Presence.names(in: directory).filter { !$0.hasPrefix(".") }
        } catch let error where [EACCES, ENOTDIR].contains(error.code) {
            return []
        }
    }

    private static func trimmed(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
