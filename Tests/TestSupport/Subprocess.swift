import Foundation
import FurrowSystem
import Synchronization

/// Runs other programs, with a time limit.
package enum Subprocess {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
        /// The end of the program's standard error, if the program ended by itself.
        package var errors: String?
    }

    /// - Parameters:
    ///   - command: a program, searched for in PATH, and its arguments, as for `env`.
    ///   - input: its standard input.
    ///   - limit: the most seconds it may take before it is killed.
    /// - Returns: its standard output, and how long it took.
    /// - Throws: ``Failure`` if it cannot be started, takes too long, or does not exit with 0; with
    ///   the end of its standard error.
    package static func run(
        _ command: [String],
        input: String = "/dev/null",
        limit: Double
    ) throws -> (output: String, seconds: Double) {
        let folder = try TemporaryFolder.make()
        defer { TemporaryFolder.remove(folder) }
        // Files, not pipes: a slow reader must not slow down the program that is timed.
        let (output, errors) = (folder + "/out", folder + "/err")
        let start = ContinuousClock.now
        let process = try spawn(command, input, output, errors)
        let end = End()
        // A thread of its own, because it waits. Not Foundation's Process: it takes a program to be
        // running as long as any process, for example a daemon, holds a socket inherited from it.
        Thread.detachNewThread {
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            end.status.store(status, ordering: .releasing)
            end.hasCome.signal()
        }
        if end.hasCome.wait(timeout: .now() + limit) == .timedOut {
            kill(process, SIGTERM)
            if end.hasCome.wait(timeout: .now() + 10) == .timedOut {
                kill(process, SIGKILL)
                end.hasCome.wait()
            }
            throw Failure(description: "'\(line(command))' took longer than \(limit) s")
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let status = end.status.load(ordering: .acquiring)
        guard status == 0 else {
            let text = try read(errors).suffix(500)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            // WIFEXITED, WEXITSTATUS and WTERMSIG are macros that Swift does not see.
            let how = status & 0x7F == 0 ? "\(status >> 8)" : "signal \(status & 0x7F)"
            throw Failure(
                description: "'\(line(command))' ended with \(how): \(text)",
                errors: status & 0x7F == 0 ? text : nil
            )
        }
        return (try read(output), seconds)
    }

    /// Invalid UTF-8 is replaced.
    private static func read(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    /// How a process ended, once it has.
    private final class End: Sendable {
        let status = Atomic<Int32>(0)
        let hasCome = DispatchSemaphore(value: 0)
    }

    private static func spawn(
        _ command: [String],
        _ input: String,
        _ output: String,
        _ errors: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let new = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, new, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, new, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The calling thread may block signals, and a child would inherit that.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var arguments = (["env"] + command).map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        let code = posix_spawn(
            &process,
            "/usr/bin/env",
            &actions,
            &attributes,
            &arguments,
            environ
        )
        guard code == 0 else {
            throw Failure(
                description:
                    "'\(line(command))' cannot be started: \(String(cString: strerror(code)))"
            )
        }
        return process
    }

    private static func line(_ command: [String]) -> String { command.joined(separator: " ") }
}
