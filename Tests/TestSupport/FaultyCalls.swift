import Foundation

/// A library for LD_PRELOAD that lets calls of the system, or of MPI, fail.
package final class FaultyCalls: Sendable {
    private struct Problem: Error, CustomStringConvertible { let description: String }

    /// Which calls fail, of which process.
    package struct Point: Sendable {
        /// What a call belongs to.
        package enum Kind: String, Sendable { case files, mpi }

        package var kind: Kind
        /// The name of the process: `furrow`, or `job-supervisor`.
        package var process = "furrow"
        /// Its rank; any, if `nil`.
        package var rank: Int?
        /// The only call that is meant, by its name; any, if `nil`.
        package var call: String?
        /// How many of these go well first.
        package var count = 0
        /// How many fail then; all, if `nil`.
        package var times: Int?
        /// The number of the error, of a call of files.
        package var error = EIO
        /// Whether a call that fails has done its work before.
        package var isLate = false

        package init(_ kind: Kind) { self.kind = kind }
    }

    /// No space may be in it: those end a path in LD_PRELOAD.
    private let folder = URL(fileURLWithPath: "/tmp/furrow-\(UUID().uuidString)")
    private var library: String { folder.path + "/faults.so" }

    /// Compiles it.
    package init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let source = folder.path + "/calls.c"
        try Data(PackageResources.calls_c).write(to: URL(fileURLWithPath: source))
        let mpi = ProcessInfo.processInfo.environment["FURROW_MPI_PKG_CONFIG"] ?? "ompi-c"
        let compiler = try Execution.run([
            "sh", "-c",
            "cc -shared -fPIC -o \"$0\" \"$1\" $(pkg-config --cflags \"$2\") -ldl",
            library, source, mpi,
        ])
        guard compiler.status == 0 else {
            throw Problem(description: "the C compiler: \(compiler.errors)")
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The environment in which a call fails.
    ///
    /// - Parameters:
    ///   - rank: the only rank on which it does; on all, if `nil`.
    ///   - count: how many calls of a process succeed before.
    package func failing(
        _ call: String,
        on rank: Int? = nil,
        after count: Int = 0
    ) -> [String: String] {
        var environment = ["LD_PRELOAD": library, "FAULT": call, "FAULT_AFTER": "\(count)"]
        if let rank { environment["FAULT_RANK"] = "\(rank)" }
        return environment
    }

    /// The environment in which a point's calls fail.
    ///
    /// - Parameter folder: of the calls of files, only those for files below it are meant.
    package func failing(_ point: Point, in folder: String) -> [String: String] {
        var environment = failing(point.kind.rawValue, on: point.rank, after: point.count)
        environment["FAULT_FOLDER"] = folder
        environment["FAULT_PROCESS"] = point.process
        environment["FAULT_CALL"] = point.call
        environment["FAULT_TIMES"] = point.times.map { "\($0)" }
        environment["FAULT_ERRNO"] = "\(point.error)"
        environment["FAULT_LATE"] = point.isLate ? "1" : nil
        return environment
    }

    /// The environment in which a point's calls go well, and are written down.
    ///
    /// - Parameter log: a file that gets a line for each: its name, and the path of its file.
    package func logging(_ point: Point, in folder: String, to log: String) -> [String: String] {
        failing(point, in: folder).merging(["FAULT_LOG": log]) { $1 }
    }

    /// The environment in which a point's calls take longer; those of all files, by default.
    package func slow(
        _ point: Point = Point(.files),
        in folder: String,
        microseconds: Int
    ) -> [String: String] {
        failing(point, in: folder).merging(["FAULT_DELAY": "\(microseconds)"]) { $1 }
    }

    /// The environment in which a process's clock is set.
    ///
    /// - Parameters:
    ///   - seconds: forward; back, if negative.
    ///   - rank: the only rank on which it is; on all, if `nil`.
    ///   - count: how often the process looks at it before.
    package func jumping(
        by seconds: Int,
        on rank: Int? = nil,
        after count: Int
    ) -> [String: String] {
        var environment = failing("clock", on: rank, after: count)
        environment["FAULT_PROCESS"] = "furrow"
        environment["FAULT_JUMP"] = "\(seconds)"
        return environment
    }
}
