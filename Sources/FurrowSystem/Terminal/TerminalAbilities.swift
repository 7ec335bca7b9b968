/// What a terminal can show, judging by the environment.
package struct TerminalAbilities: Sendable, Hashable {
    /// Whether the cursor can be moved.
    package var movesCursor: Bool
    /// Whether colours are wanted.
    package var hasColours: Bool
    /// Whether it shows characters beyond ASCII.
    package var isUnicode: Bool

    /// - Parameter environment: this process's.
    package init(_ environment: [String: String] = processEnvironment()) {
        let terminal = environment["TERM"] ?? ""
        movesCursor = terminal != "dumb" && !terminal.isEmpty
        // https://no-color.org: any text but an empty one.
        hasColours = movesCursor && environment["NO_COLOR"]?.isEmpty ?? true
        let locale =
            ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty }
        let name = (locale ?? "").lowercased()
        isUnicode = name.contains("utf-8") || name.contains("utf8")
    }

    /// A bar of some columns, so many of them filled.
    package func bar(filled: Int, of columns: Int) -> String {
        String(repeating: isUnicode ? "█" : "#", count: filled)
            + String(repeating: isUnicode ? "░" : "-", count: max(0, columns - filled))
    }
}
