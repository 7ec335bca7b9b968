/// An error of the run, not of the job that met it. It ends the stage.
public struct RunFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, where, and what to do.
    public let description: String
    /// What the stage blames for its end.
    package let cause: StageFailure.Cause
    /// Whether it is of this worker alone, and others can run its job.
    package private(set) var isOfWorker = false

    /// - Parameter message: what is wrong, where, and what to do.
    public init(_ message: String) { self.init(message, of: .preparation) }

    /// - Parameters:
    ///   - message: what is wrong, where, and what to do.
    ///   - cause: what the stage blames for its end.
    package init(_ message: String, of cause: StageFailure.Cause) {
        description = message
        self.cause = cause
    }

    /// An error of this worker alone: others can run its job.
    ///
    /// - Parameter message: what is wrong, where, and what to do.
    package static func ofWorker(_ message: String) -> RunFault {
        var fault = RunFault(message)
        fault.isOfWorker = true
        return fault
    }
}
