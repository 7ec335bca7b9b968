import Foundation
import Testing

/// Starts programs under mpirun, each within a time limit.
struct MPIRun {
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
        var seconds: Double
        var timedOut: Bool

        /// What each rank said, in rank order.
        var lines: [String] {
            output.split(whereSeparator: \.isNewline).map { String($0) }
                .filter { $0.hasPrefix("rank ") }.sorted()
        }
    }

    /// Where the programs are that were built with these tests.
    static let programs: URL = {
        let test = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return test.deletingLastPathComponent()
    }()

    /// Runs as root and with more ranks than cores, under Open MPI 4 and 5 alike.
    static let environment = [
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "OMPI_MCA_rmaps_base_oversubscribe": "1",
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    ]

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
        let process = Process()
        let path = programs.appendingPathComponent(program).path
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let launcher = ranks.map { ["mpirun", "-q", "-n", "\($0)"] } ?? []
        let script =
            script ?? descriptors.map { "ulimit -n \($0); exec \"$0\" \"$@\"" }
        let shell = script.map { ["bash", "-c", $0] } ?? []
        process.arguments = launcher + shell + [path] + arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(environment) { $1 }.merging(extra) { $1 }
        process.currentDirectoryURL = directory
        let scratch = try Scratch()
        let output = try scratch.file("out")
        let errors = try scratch.file("err")
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        let done = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in done.signal() }
        let clock = ContinuousClock()
        let start = clock.now
        try launch(process)
        // The process has its own now. These would add up: with more than 1,300 open files
        // Foundation's next launch reads beyond its list of them.
        try output.close()
        try errors.close()
        try whileRunning(process)
        let timedOut = done.wait(timeout: .now() + limit) == .timedOut
        if timedOut {
            // mpirun forwards the first signal to its ranks and leaves at the second.
            kill(process.processIdentifier, SIGTERM)
            if done.wait(timeout: .now() + 10) == .timedOut {
                kill(process.processIdentifier, SIGKILL)
                done.wait()
            }
        }
        return Outcome(
            status: process.terminationStatus,
            output: try scratch.text("out"),
            errors: try scratch.text("err"),
            seconds: (clock.now - start) / .seconds(1),
            timedOut: timedOut
        )
    }

    /// Starts a process that can be sent signals: a test's thread may block them, which children
    /// inherit.
    private static func launch(_ process: Process) throws {
        var (none, blocked) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &blocked)
        defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
        try process.run()
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

/// A directory that goes when its last user does.
final class Scratch: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("furrow \(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) throws -> FileHandle {
        let path = url.appendingPathComponent(name)
        try Data().write(to: path)
        return try FileHandle(forWritingTo: path)
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: url.appendingPathComponent(name)), as: UTF8.self)
    }

    func write(_ text: String, to name: String) throws -> String {
        let path = url.appendingPathComponent(name)
        try Data(text.utf8).write(to: path)
        return path.path
    }
}

/// The processes that run one of the programs built with these tests.
func processes(named name: String) throws -> [Int32] {
    let wanted = Data(MPIRun.programs.appendingPathComponent(name).path.utf8)
    return try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { entry in
        guard entry.allSatisfy(\.isNumber),
            let line = try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(entry)/cmdline"))
        else { return false }
        return line.split(separator: 0).first.map { Data($0) } == wanted
    }.compactMap { Int32($0) }
}

/// Kills processes as a power failure does: none of them sees another one go.
func killAtOnce(_ processes: [Int32]) {
    for process in processes { kill(process, SIGSTOP) }
    for process in processes { kill(process, SIGKILL) }
}
