import Foundation
import Subprocess

/// Runs other programs, such as SLURM's, with a time limit.
package enum ExternalProgram {
    private typealias End = (output: String, errors: String, status: TerminationStatus)

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
        /// The end of the program's standard error, if the program ended by itself.
        package var errors: String?
    }

    /// - Parameters:
    ///   - command: a program, searched for in PATH, and its arguments, as for `env`.
    ///   - limit: the longest time that it may take before it is killed.
    /// - Returns: its standard output, in which invalid UTF-8 is replaced.
    /// - Throws: ``Failure`` if it cannot be started, takes too long, prints more than 16 MB, or does
    ///   not exit with 0; with the end of its standard error.
    package static func output(
        of command: [String],
        limit: Duration
    ) async throws(Failure) -> String {
        let line = "'\(command.joined(separator: " "))'"
        let ended: End?
        do {
            ended = try await withThrowingTaskGroup(of: End?.self) { group in
                group.addTask {
                    let end = try await run(
                        .name("env"),
                        arguments: Arguments(command),
                        output: .string(limit: 1 << 24),
                        error: .string(limit: 1 << 24)
                    )
                    return (end.standardOutput, end.standardError, end.terminationStatus)
                }
                group.addTask {
                    try await Task.sleep(for: limit)
                    return nil
                }
                // The program is killed when its task is cancelled.
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
        } catch {
            throw Failure(description: "\(line): \(error)")
        }
        guard let ended else {
            throw Failure(
                description: "\(line) took longer than \(Quantity.time(seconds: limit.seconds))"
            )
        }
        if ended.status.isSuccess { return ended.output }
        let errors = String(
            ended.errors.trimmingCharacters(in: .whitespacesAndNewlines).suffix(500)
        )
        switch ended.status {
        case .exited(let code):
            throw Failure(description: "\(line) ended with \(code): \(errors)", errors: errors)
        case .signaled(let signal):
            throw Failure(description: "\(line) ended with signal \(signal): \(errors)")
        }
    }
}
