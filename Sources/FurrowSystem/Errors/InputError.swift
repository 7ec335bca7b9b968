/// A mistake in the user's input (a data file, a setting). Thrown by a generator or a command, it
/// ends the program with exit status 65 and prints nothing but this message.
public struct InputError: InputFailure, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, where, and what to do.
    public let description: String

    /// - Parameter message: what is wrong, where, and what to do.
    public init(_ message: String) { description = message }
}
