/// An error that concerns the run and not the job that met it: it ends the stage.
public struct RunFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, where, and what to do.
    public let description: String

    /// - Parameter message: what is wrong, where, and what to do.
    public init(_ message: String) { description = message }
}
