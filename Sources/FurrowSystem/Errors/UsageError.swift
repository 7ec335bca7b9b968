/// A mistake on the command line. It ends the program with exit status 64 and this message.
public struct UsageError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, and what to do.
    public let description: String

    /// - Parameter message: what is wrong, and what to do.
    public init(_ message: String) { description = message }
}
