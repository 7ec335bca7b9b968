import Foundation
import TestSupport
import Testing

/// Starts programs under mpirun, each within a time limit.
enum MPIRun {
    typealias Outcome = Execution.Outcome

    static var programs: URL { Execution.programs }

    /// Runs as root and with more ranks than cores.
    static let environment = Launcher.permissions

    /// Runs a program on so many ranks, or without mpirun where `ranks` is nil.
    ///
    /// - Parameters:
    ///   - launcher: what starts the ranks.
    ///   - descriptors: how many files a rank may have open.
    ///   - script: what bash does on each rank with the program, `$0`, in place of starting it.
    static func run(
        _ program: String,
        _ arguments: [String],
        ranks: Int?,
        under launcher: Launcher = .standard,
        limit: Double = Execution.patience,
        in directory: URL? = nil,
        environment extra: [String: String] = [:],
        descriptors: Int? = nil,
        shell script: String? = nil,
        whileRunning: (Process) throws -> Void = { _ in }
    ) throws -> Outcome {
        let path = launcher.programs.appendingPathComponent(program).path
        let start = ranks.map { launcher.command(ranks: $0) } ?? []
        let script =
            script ?? descriptors.map { "ulimit -n \($0); exec \"$0\" \"$@\"" }
        let shell = script.map { ["bash", "-c", $0] } ?? []
        return try Execution.run(
            start + shell + [path] + arguments,
            in: directory,
            environment: environment.merging(launcher.environment) { $1 }.merging(extra) { $1 },
            limit: limit,
            whileRunning: whileRunning
        )
    }

    static func scenario(
        _ name: String,
        ranks: Int?,
        _ arguments: String...,
        limit: Double = Execution.patience
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
