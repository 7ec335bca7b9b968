import Furrow

/// A column was asked for that the table does not have.
public struct UnknownColumn: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name as the user wrote it.
    public let name: String
    /// The table's columns.
    public let columns: [String]

    /// Describes a missing column.
    public init(name: String, columns: [String]) {
        self.name = name
        self.columns = columns
    }

    /// What is wrong, the nearest name and all valid ones.
    public var description: String {
        let nearest = NearestName.nearest(to: name, among: columns)
        let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
        let valid = columns.isEmpty ? "the table has no columns" : columns.joined(separator: ", ")
        return "unknown column '\(name)'\(hint) (valid: \(valid))"
    }
}
