package import Foundation

/// Starts programs, each within a time limit.
package enum Execution {
    /// What a program did.
    package struct Outcome: Sendable {
        package var status: Int32
        package var output: String
        package var errors: String
        package var seconds: Double
        package var timedOut: Bool
        /// The processes that ran when its time was over, and what each waited for.
        package var left: [String]
    }

    /// Where the programs are that were built with these tests.
    package static let programs: URL = {
        let test = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return test.deletingLastPathComponent()
    }()

    /// The variable that all have which these tests start, and what these start.
    package static let mark = (name: "FURROW_TESTS", value: "\(getpid())")

    /// How long a program may take that is not known to take longer, in seconds: it guards against a
    /// hang, also where several suites and other work share two cores.
    package static let patience = 150.0

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - command: a program, looked for in PATH, and its arguments, as `env` takes them.
    ///   - folder: where it runs.
    ///   - extra: variables beside those of the tests.
    ///   - limit: after so many seconds it is ended.
    ///   - whileRunning: what to do meanwhile.
    package static func run(
        _ command: [String],
        in folder: URL? = nil,
        environment extra: [String: String] = [:],
        limit: Double = Execution.patience,
        whileRunning: (Process) throws -> Void = { _ in }
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.environment = ProcessInfo.processInfo.environment
            .merging([mark.name: mark.value]) { $1 }.merging(extra) { $1 }
        process.currentDirectoryURL = folder
        // Files, not pipes: those a daemon may keep open.
        let scratch = try Scratch()
        let output = try FileHandle(forWritingTo: file("out", in: scratch))
        let errors = try FileHandle(forWritingTo: file("err", in: scratch))
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        let done = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in done.signal() }
        let start = ContinuousClock.now
        try launch(process)
        // The process has its own now. These would add up: with more than 1,300 open files
        // Foundation's next launch reads beyond its list of them.
        try output.close()
        try errors.close()
        try whileRunning(process)
        let timedOut = done.wait(timeout: .now() + limit) == .timedOut
        var left: [String] = []
        if timedOut {
            left = try startedProcesses().map(\.description)
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
            seconds: (ContinuousClock.now - start) / .seconds(1),
            timedOut: timedOut,
            left: left
        )
    }

    private static func file(_ name: String, in scratch: Scratch) throws -> URL {
        URL(fileURLWithPath: try scratch.write("", to: name))
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
}
