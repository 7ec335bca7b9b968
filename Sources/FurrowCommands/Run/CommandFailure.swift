import FurrowCore
import FurrowSweeps
import FurrowSystem

/// Why a command's attempt failed.
struct CommandFailure: PermanentFailure, CustomStringConvertible {
    /// The most lines, and the most bytes, of the end of its standard error in the message.
    private static let lines = 5
    private static let bytes = 2000

    let description: String
    let isPermanent: Bool

    /// - Parameters:
    ///   - reason: what is wrong.
    ///   - errors: the end of its standard error.
    ///   - isPermanent: whether it is not worth a retry.
    init(_ reason: String, errors: [UInt8], isPermanent: Bool = false) {
        self.isPermanent = isPermanent
        let text = String(decoding: errors.suffix(Self.bytes), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).suffix(Self.lines)
        // A command's output must not control the terminal that shows it.
        description = ([reason] + lines.map { "    | \($0.withoutControls)" })
            .joined(separator: "\n")
    }

    /// How an attempt failed; `nil` if it did not.
    static func reason(
        _ outcome: ProcessOutcome,
        timeout: Duration?,
        success: [Int32] = [0],
        output: (size: Int, limit: Int?) = (0, nil)
    ) -> String? {
        if let limit = output.limit, outcome.overflowed || output.size > limit {
            return "wrote more than \(Quantity.size(bytes: limit)), of which that much is kept"
        }
        if outcome.timedOut, let timeout {
            return "took longer than \(Quantity.time(seconds: timeout / .seconds(1))) and was ended"
        }
        switch outcome.end {
        case .exited(let status) where success.contains(status): return nil
        case .exited(let status): return "exit status \(status)"
        case .signalled(let number):
            return "ended by signal \(number)"
                + (SignalName.name(of: number).map { " (\($0))" } ?? "")
        case .notStarted(let reason): return "could not be started: \(reason)"
        case .lost:
            return "the process that starts commands was killed, and with it the processes of "
                + "this command"
        }
    }

    /// The kind of a failed attempt, as ``ExitRules`` has it; `nil` for one that has no kind, for
    /// example a missing metric.
    static func kind(_ outcome: ProcessOutcome) -> ExitRules.Failure? {
        if outcome.timedOut { return .timeout }
        if outcome.overflowed { return nil }
        return switch outcome.end {
        case .exited(let status): .status(status)
        case .signalled(let signal): .signal(signal)
        case .notStarted, .lost: nil
        }
    }
}
