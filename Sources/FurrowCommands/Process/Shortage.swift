import Glibc

/// A temporary shortage of processes, memory or descriptors. Others may release some, so it makes
/// sense to try again.
enum Shortage {
    private static let codes: Set<Int32> = [EAGAIN, ENOMEM, EMFILE, ENFILE]

    /// Whether a system error means a shortage.
    static func isMeant(by code: Int32) -> Bool { codes.contains(code) }

    /// When to try again: soon at first, then less and less often, for a limited time.
    struct Retry {
        private let end: ContinuousClock.Instant
        private var pause = Duration.milliseconds(20)

        /// - Parameter patience: for how long.
        init(for patience: Duration) { end = .now + patience }

        /// Waits for the next try.
        ///
        /// - Returns: false if the time is over.
        /// - Throws: `CancellationError`, at once.
        mutating func wait() async throws -> Bool {
            guard .now < end else { return false }
            try await Task.sleep(for: min(pause, end - .now))
            pause = min(pause * 2, .seconds(2))
            return true
        }
    }
}
