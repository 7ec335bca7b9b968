import FurrowSystem

/// Which ends of a command count as success, and which failures are worth a retry.
package struct ExitRules: Sendable, Hashable, Codable {
    /// A kind of failure.
    package enum Failure: Sendable, Hashable, Codable {
        /// This exit status.
        case status(Int32)
        /// This signal.
        case signal(Int32)
        /// Any signal.
        case anySignal
        /// The time limit of an attempt.
        case timeout
    }

    /// The exit statuses that mean success.
    package var success: [Int32] = [0]
    /// The failures after which a job is retried; `nil`: all.
    package var retried: [Failure]?

    /// Only 0 is success, and every failure is retried.
    package init() {}

    /// Whether an attempt that failed is worth a retry.
    ///
    /// - Parameters:
    ///   - failure: how its command ended; `nil` if it did not even start.
    ///   - isFailed: whether that is why it failed; else it lacks a metric, say.
    package func areWorthRetry(_ failure: Failure?, isFailed: Bool) -> Bool {
        guard let retried else { return true }
        guard isFailed, let failure else { return false }
        if case .signal = failure, retried.contains(.anySignal) { return true }
        return retried.contains(failure)
    }
}

extension ExitRules {
    /// Reads an exit status.
    ///
    /// - Returns: `nil` for anything but a whole number from 0 to 255.
    package static func status(_ word: String) -> Int32? {
        guard let number = Int32(word), 0...255 ~= number, word.first != "+" else { return nil }
        return number
    }

    /// What a status must be.
    package static let statusForm = "an exit status from 0 to 255"
    /// What a failure must be.
    package static let failureForm =
        "an exit status from 1 to 255, 'signal', the name of a signal such as SIGKILL, or 'timeout'"
}

extension ExitRules.Failure {
    /// Reads `75`, `signal`, `SIGKILL` or `timeout`; `nil` for anything else.
    package init?(_ word: String) {
        switch word {
        case "signal": self = .anySignal
        case "timeout": self = .timeout
        default:
            if let number = SignalName.number(of: word) {
                self = .signal(number)
            } else if let status = ExitRules.status(word), status > 0 {
                self = .status(status)
            } else {
                return nil
            }
        }
    }
}
