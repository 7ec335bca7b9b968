import Foundation
import FurrowSystem
import Synchronization
import TestSupport

extension Trouble {
    private static let errors = [EIO, ENOSPC, ESTALE, EINTR, EMFILE]

    /// One call for a file of the run's directory, or of a worker's scratch folder, fails.
    static let fileCalls = Trouble("file-calls") { trial in
        let process =
            Int.random(in: 0..<4, using: &trial.random) == 0 ? "job-supervisor" : "furrow"
        var point = try point(.files, process: process, of: trial)
        point.error = errors.randomElement(using: &trial.random) ?? EIO
        try prepare(trial)
        try fail(at: point, of: trial)
    }

    /// One call of MPI fails.
    static let mpiCalls = Trouble("mpi-calls") { trial in
        let point = try point(.mpi, process: "furrow", of: trial)
        try prepare(trial)
        try fail(at: point, of: trial)
    }

    /// On a third of all runs, a resumed one meets it.
    private static func prepare(_ trial: Trial) throws {
        if Int.random(in: 0..<3, using: &trial.random) == 0 { try trial.killed() }
    }

    /// Runs a sweep in which calls fail: it ends in a right status, with a message of one error.
    static func fail(at point: FaultyCalls.Point, of trial: Trial) throws {
        let environment = trial.calls.failing(point, in: trial.sweep.scratch.path)
        do {
            // With 1 where a job's own files could not be opened or read: that job has failed.
            let run = try trial.start([0, 1, 65, 70], ranks: trial.ranks, environment: environment)
            let ofJobs = ["its metrics cannot be read: /", "could not be started: /"]
            if run.status == 1, !ofJobs.contains(where: run.errors.contains) {
                throw Violation("a job is to blame: \(run.errors)")
            }
            // The file, or the function of MPI.
            if run.status != 0, !run.errors.contains(point.kind == .files ? "/" : "MPI_") {
                throw Violation("it does not say what failed: \(run.errors)")
            }
            let errors = run.errors.components(separatedBy: "Error:").count - 1
            if run.status != 0, errors != 1 { throw Violation("\(errors) errors: \(run.errors)") }
        } catch let error as Violation {
            throw Violation("\(point): \(error)")
        }
    }

    /// A call among those that a clean run makes.
    private static func point(
        _ kind: FaultyCalls.Point.Kind,
        process: String,
        of trial: Trial
    ) throws -> FaultyCalls.Point {
        var point = FaultyCalls.Point(kind)
        point.process = process
        let ranks = trial.ranks ?? 1
        let workers = ranks > 1 ? 1..<ranks : 0..<1
        point.rank = Int.random(
            in: process == "furrow" ? 0..<ranks : workers,
            using: &trial.random
        )
        let calls = try CallCounts.shared.calls(of: point, ranks: trial.ranks, trial.calls)
        let names = Set(calls).sorted()
        // Half of them of one kind of call, each kind as often as the others.
        if kind == .mpi || Bool.random(using: &trial.random) {
            point.call = names.randomElement(using: &trial.random)
        }
        let count = calls.count { point.call == nil || $0 == point.call }
        point.count = Int.random(in: 0..<max(1, min(count, 400)), using: &trial.random)
        point.times = [1, 1, nil].randomElement(using: &trial.random) ?? nil
        point.isLate = Int.random(in: 0..<4, using: &trial.random) == 0
        return point
    }
}

/// What clean runs call: each is counted once.
final class CallCounts: Sendable {
    static let shared = CallCounts()
    private let known = Mutex<[String: [String]]>([:])

    /// The names of the calls of a process, in their order.
    func calls(
        of point: FaultyCalls.Point,
        ranks: Int?,
        _ calls: FaultyCalls
    ) throws -> [String] {
        let key = "\(point.kind) \(point.process) \(point.rank ?? 0) of \(ranks ?? 1)"
        if let names = known.withLock({ $0[key] }) { return names }
        // The same sweep, whatever the trial's is.
        var random = SeededRandom(seed: 1)
        let sweep = try TortureSweep(&random, in: Scratch())
        let log = sweep.scratch.path + "/calls"
        let run = try sweep.furrow(
            ["run", "sweep.yaml", "--progress", "none"],
            ranks: ranks,
            environment: calls.logging(point, in: sweep.scratch.path, to: log)
        )
        guard run.status == 0 else { throw Violation("a clean run fails: \(run.errors)") }
        let names =
            sweep.scratch.has("calls")
            ? try sweep.scratch.text("calls").split(separator: "\n").map {
                String($0.prefix { $0 != " " })
            } : []
        known.withLock { $0[key] = names }
        return names
    }
}
