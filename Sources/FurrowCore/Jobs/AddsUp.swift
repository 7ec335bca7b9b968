/// A job whose result its rank adds up.
protocol AddsUp: Job {
    /// Adds a result that comes from the process of the rank's jobs.
    ///
    /// - Parameters:
    ///   - result: in the form in which it travels.
    ///   - accumulator: the rank's, see ``RunOptions/accumulator``.
    static func addUp(_ result: [UInt8], in accumulator: (any Sendable)?) throws
}
