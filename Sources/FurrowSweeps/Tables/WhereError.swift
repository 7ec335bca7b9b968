/// A mistake in a `--where` expression, shown with a caret below it.
package struct WhereError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The whole expression.
    package let expression: String
    /// Where the mistake is, counted from 1 in Unicode scalars.
    package let column: Int
    /// What is wrong and what to do about it, without a full stop.
    package let problem: String

    /// The problem, then the expression with a caret below it.
    package var description: String {
        let scalars = expression.unicodeScalars.map {
            $0.properties.generalCategory == .control ? " " : String($0)
        }
        let space = String(repeating: " ", count: column - 1)
        return "column \(column): \(problem)\n    \(scalars.joined())\n    \(space)^"
    }
}
