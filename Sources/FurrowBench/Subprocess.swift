import Foundation

/// Runs other programs, for as long as a limit allows.
enum Subprocess {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameters:
    ///   - command: a program, looked for in PATH, and its arguments.
    ///   - input: what it reads.
    ///   - limit: how many seconds it may take; then it is ended.
    /// - Returns: what it wrote to standard output, and how long it took.
    /// - Throws: ``Failure`` where it cannot be started, takes too long, or does not exit with 0;
    ///   with the end of what it wrote to standard error.
    static func run(
        _ command: [String],
        input: String = "/dev/null",
        limit: Double
    ) throws -> (output: String, seconds: Double) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        guard let input = FileHandle(forReadingAtPath: input) else {
            throw Failure(description: "\(input) cannot be read")
        }
        let folder = try TemporaryFolder.make()
        defer { TemporaryFolder.remove(folder) }
        // Files, not pipes: whoever is slow to read must not slow down what is timed.
        let (output, errors) = (folder + "/out", folder + "/err")
        for path in [output, errors] { try Data().write(to: URL(fileURLWithPath: path)) }
        process.standardInput = input
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        let start = ContinuousClock.now
        try process.run()
        if ended.wait(timeout: .now() + limit) == .timedOut {
            process.terminate()
            if ended.wait(timeout: .now() + 10) == .timedOut {
                kill(process.processIdentifier, SIGKILL)
                ended.wait()
            }
            throw Failure(description: "'\(line(command))' took longer than \(limit) s")
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let text = try String(contentsOfFile: errors, encoding: .utf8)
            throw Failure(
                description: "'\(line(command))' ended with \(process.terminationStatus): "
                    + text.suffix(500)
            )
        }
        return (try String(contentsOfFile: output, encoding: .utf8), seconds)
    }

    private static func line(_ command: [String]) -> String { command.joined(separator: " ") }
}

extension Program {
    /// The file of this program.
    static var path: String {
        get throws { try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") }
    }
}
