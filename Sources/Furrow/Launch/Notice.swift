import Foundation
import FurrowSystem

/// Tells a user's command that something has happened, by variables of its environment.
struct Notice: Sendable, Hashable {
    /// A command that takes longer is ended, so that it cannot hold up a run.
    private static let limit = Duration.seconds(30)

    /// A command for `/bin/sh -c`.
    var command: String

    /// Runs the command and waits for it. An error is a warning.
    ///
    /// - Parameter facts: the variables.
    func send(_ facts: [String: String]) async {
        let variables = facts.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.safe($0.value))" }
        do {
            let script = variables + ["/bin/sh", "-c", command]
            let output = try await ExternalProgram.output(of: script, limit: Self.limit)
            if !output.isEmpty { OpenFile.standardError.say(output) }
        } catch {
            StandardError.write("Warning: --notify: \(error)")
        }
    }

    /// Variables end at a NUL byte, and a long message would be refused.
    private static func safe(_ value: String) -> String {
        String(value.replacing("\0", with: " ").prefix(4000))
    }
}
