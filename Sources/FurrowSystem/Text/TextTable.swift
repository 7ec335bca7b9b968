/// Rows under named columns, to show or to write.
public struct TextTable: Sendable, Hashable {
    /// The columns' names.
    public let columns: [String]
    /// The rows, each as long as ``columns``.
    public private(set) var rows: [[String]] = []

    /// A table without rows.
    public init(columns: [String]) {
        self.columns = columns
    }

    /// Adds a row.
    public mutating func append(_ row: [String]) {
        precondition(row.count == columns.count, "a row as long as there are columns")
        rows.append(row)
    }

    /// For a terminal: columns two spaces apart, numbers aligned right.
    public var text: String {
        let lines = [columns] + rows
        let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        let isNumeric = columns.indices.map { column in
            !rows.isEmpty && rows.allSatisfy { $0[column].isEmpty || Double($0[column]) != nil }
        }
        return lines.map { line in
            let cells = columns.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - line[column].count)
                return isNumeric[column] ? space + line[column] : line[column] + space
            }
            var joined = cells.joined(separator: "  ")
            while joined.last == " " { joined.removeLast() }
            return joined + "\n"
        }.joined()
    }

    /// As comma-separated values (RFC 4180) with a header line.
    public var csv: String {
        ([columns] + rows).map(Self.csvLine).joined()
    }

    /// One line of comma-separated values, for a table that is written row by row.
    ///
    /// - Parameter cells: The line's values.
    public static func csvLine(_ cells: [String]) -> String {
        // Readers skip an empty line, so an empty cell is quoted.
        if cells == [""] { return "\"\"\n" }
        return cells.map(quoted).joined(separator: ",") + "\n"
    }

    private static func quoted(_ cell: String) -> String {
        let needsQuotes = cell.utf8.contains {
            $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D
        }
        guard needsQuotes else { return cell }
        var quoted = "\""
        for character in cell.unicodeScalars {
            if character == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "\""
    }
}
