import Foundation
import FurrowSystem

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
            guard let newest = all(under: runs).last else {
                throw UsageError("there is no run in '\(runs)'; name another with --runs-dir")
            }
            return newest
        }
        for candidate in [run, runs + "/" + run] {
            if isRun(candidate) { return trimmed(candidate) }
            if let newest = times(in: candidate).last { return candidate + "/" + newest.name }
        }
        let names = Set(all(under: runs).compactMap { $0.split(separator: "/").dropLast().last })
        let nearest = NearestName.nearest(to: run, among: names.map(String.init))
        throw UsageError(
            "there is no run '\(run)', as a path or in '\(runs)'"
                + (nearest.map { "; did you mean '\($0)'?" } ?? "; `furrow runs` lists them")
        )
    }

    /// All runs, the one that started last at the end.
    package static func all(under runs: String) -> [String] {
        // Their names cannot be compared: some are times, some are SLURM job numbers.
        names(in: runs)
            .flatMap { name in
                times(in: runs + "/" + name).map { ($0.starts.last, "\(runs)/\(name)/\($0.name)") }
            }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
            .map(\.1)
    }

    /// Whether a directory has a run: its record or, if that was lost, a journal.
    package static func isRun(_ path: String) -> Bool {
        if FileManager.default.fileExists(atPath: RunLayout(path).record) { return true }
        return names(in: RunLayout(path).journal).contains(where: RunLayout.isJournal)
    }

    /// Whether a path is a file, and so not a run.
    package static func isFile(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && !isDirectory.boolValue
    }

    private typealias Time = (name: String, starts: (first: Double, last: Double))

    /// The runs of one name by their first start, the newest last.
    private static func times(in directory: String) -> [Time] {
        // Their names cannot say: they are in local time, which has one hour twice in autumn.
        let runs = names(in: directory).filter {
            $0 != RunLayout.latest && isRun(directory + "/" + $0)
        }
        return runs.map { ($0, RunRecord.starts(of: directory + "/" + $0)) }
            .sorted { (left: Time, right: Time) in
                if left.starts.first != right.starts.first {
                    return left.starts.first < right.starts.first
                }
                return left.name.localizedStandardCompare(right.name) == .orderedAscending
            }
    }

    private static func names(in directory: String) -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return all.filter { !$0.hasPrefix(".") }
    }

    private static func trimmed(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
