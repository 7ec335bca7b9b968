import FurrowSystem

/// A column was asked for that the table does not have.
package struct UnknownColumn: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name as the user wrote it.
    package let name: String
    /// The table's columns.
    package let columns: [String]

    /// Describes a missing column.
    package init(name: String, columns: [String]) {
        self.name = name
        self.columns = columns
    }

    /// What is wrong, the nearest name and all valid ones.
    package var description: String {
        let none = "the table has no columns"
        let remedy = NearestName.remedy(for: name, among: columns, none: none)
        return "unknown column '\(name)'; \(remedy)"
    }
}
