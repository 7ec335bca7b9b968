/// An error whose message says what is wrong with the user's input, and where. The program exits
/// with ``ExitStatus/input``.
package protocol InputFailure: Error {}
