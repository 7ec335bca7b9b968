import Foundation
import TestSupport
import Testing

/// Starts programs under mpirun, each within a time limit.
enum MPIRun {
    typealias Outcome = Execution.Outcome

    static var programs: URL { Execution.programs }

    /// Runs as root and with more ranks than cores, under Open MPI 4 and 5 alike.
    static let environment = [
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "OMPI_MCA_rmaps_base_oversubscribe": "1",
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    ]

    /// Starts in half the time: Open MPI looks for no network faster than TCP. On the clusters it
    /// does.
    private static let quickStart = ["OMPI_MCA_pml": "ob1"]

    /// Runs a program on so many ranks, or without mpirun where `ranks` is nil.
    ///
    /// - Parameters:
    ///   - descriptors: how many files a rank may have open.
    ///   - script: what bash does on each rank with the program, `$0`, in place of starting it.
    static func run(
        _ program: String,
        _ arguments: [String],
        ranks: Int?,
        limit: Double = 60,
        in directory: URL? = nil,
        environment extra: [String: String] = [:],
        descriptors: Int? = nil,
        shell script: String? = nil,
        whileRunning: (Process) throws -> Void = { _ in }
    ) throws -> Outcome {
        let path = programs.appendingPathComponent(program).path
        let launcher = ranks.map { ["mpirun", "-q", "-n", "\($0)"] } ?? []
        let script =
            script ?? descriptors.map { "ulimit -n \($0); exec \"$0\" \"$@\"" }
        let shell = script.map { ["bash", "-c", $0] } ?? []
        return try Execution.run(
            launcher + shell + [path] + arguments,
            in: directory,
            environment: environment.merging(quickStart) { $1 }.merging(extra) { $1 },
            limit: limit,
            whileRunning: whileRunning
        )
    }

    static func scenario(
        _ name: String,
        ranks: Int?,
        _ arguments: String...,
        limit: Double = 60
    ) throws -> Outcome {
        let outcome = try run("Scenarios", [name] + arguments, ranks: ranks, limit: limit)
        #expect(!outcome.timedOut, "\(name) at \(ranks ?? 0) ranks hangs: \(outcome.output)")
        return outcome
    }
}

extension Execution.Outcome {
    /// What each rank said, in rank order.
    var lines: [String] {
        output.split(whereSeparator: \.isNewline).map { String($0) }
            .filter { $0.hasPrefix("rank ") }.sorted()
    }
}
