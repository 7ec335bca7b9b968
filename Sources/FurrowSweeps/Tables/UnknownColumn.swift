import FurrowSystem

/// A column that the table does not have.
package struct UnknownColumn: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name as the user wrote it.
    package let name: String
    /// The table's columns.
    package let columns: [String]

    /// Makes the error.
    package init(name: String, columns: [String]) {
        self.name = name
        self.columns = columns
    }

    /// The problem, the nearest name and all valid names.
    package var description: String {
        let none = "the table has no columns"
        let remedy = NearestName.remedy(for: name, among: columns, none: none)
        return "unknown column '\(name)'; \(remedy)"
    }
}
