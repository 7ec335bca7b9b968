import Glibc

/// Clears the screen between two versions of a text, where there is one to clear.
package struct ScreenClearing {
    private let isPossible: Bool

    /// For standard output.
    package init() {
        isPossible = isatty(STDOUT_FILENO) == 1 && processEnvironment()["TERM"] != "dumb"
    }

    /// Clears the screen; elsewhere an empty line sets the versions apart.
    package func clear() {
        OpenFile.standardOutput.say(isPossible ? "\u{1B}[H\u{1B}[2J" : "\n")
    }
}
