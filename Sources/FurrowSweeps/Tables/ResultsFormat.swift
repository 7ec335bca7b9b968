/// The formats of a results table.
package enum ResultsFormat: String, Sendable, CaseIterable {
    /// Aligned columns for a terminal.
    case table
    /// Comma-separated values (RFC 4180, lines ending in a line feed).
    case csv
    /// An array of objects, one per line.
    case json
    /// An object per line, without an array around them.
    case jsonl
    /// A table in GitHub's Markdown.
    case markdown
}
