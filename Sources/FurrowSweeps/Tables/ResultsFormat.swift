/// How a results table is written.
package enum ResultsFormat: String, Sendable, CaseIterable {
    /// Aligned columns for a terminal.
    case table
    /// Comma-separated values (RFC 4180, lines ending in a line feed).
    case csv
    /// An array of objects, a line for each.
    case json
    /// A table as GitHub shows it.
    case markdown
}
