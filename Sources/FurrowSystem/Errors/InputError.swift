/// An error of the user's input (a data file, a setting), which a generator or a command throws to
/// end the program with exit status 65 and this message alone.
public struct InputError: InputFailure, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, where, and what to do.
    public let description: String

    /// - Parameter message: what is wrong, where, and what to do.
    public init(_ message: String) { description = message }
}
