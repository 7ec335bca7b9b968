/// An error whose message says what is wrong with the user's input, and where: it ends the program
/// with ``ExitStatus/input``.
package protocol InputFailure: Error {}
