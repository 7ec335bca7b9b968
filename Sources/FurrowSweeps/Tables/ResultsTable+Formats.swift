import FurrowRuns
import FurrowSystem

extension ResultsTable {
    /// Writes the table row by row, except for ``ResultsFormat/table``, whose column widths need
    /// all rows.
    ///
    /// - Parameters:
    ///   - format: The format.
    ///   - write: Called with one piece after another.
    package func write(as format: ResultsFormat, _ write: (String) throws -> Void) rethrows {
        switch format {
        case .table: try write(textTable.text)
        case .csv:
            try write(TextTable.csvLine(columns))
            for row in rows { try write(TextTable.csvLine(row.map(\.text))) }
        case .json: try writeJSON(write)
        case .jsonl: for object in objects { try write(object + "\n") }
        case .markdown: try writeMarkdown(write)
        }
    }

    private var textTable: TextTable {
        var table = TextTable(columns: columns.map(Self.visible))
        for row in rows { table.append(row.map { Self.visible(Self.cut($0.text)) }) }
        return table
    }

    /// The most characters of a cell in a table for people.
    private static let mostShown = 200

    /// The beginning of a long text.
    private static func cut(_ text: String) -> String {
        guard text.utf8.count > mostShown, text.count > mostShown else { return text }
        return text.prefix(mostShown - 1) + "…"
    }

    /// Text without characters that could control a terminal or break its layout.
    private static func visible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { return text }
        return text.unicodeScalars.map {
            $0.properties.generalCategory == .control ? $0.escaped(asASCII: true) : String($0)
        }.joined()
    }

    /// The rows as JSON objects.
    private var objects: some Sequence<String> {
        let keys = columns.map { JSONString.encode($0) + ": " }
        return rows.lazy.map { row in
            let members = zip(keys, row).map { $0 + ($1.isFinite ? $1.json : "null") }
            return "{\(members.joined(separator: ", "))}"
        }
    }

    private func writeJSON(_ write: (String) throws -> Void) rethrows {
        try write("[")
        for (number, object) in objects.enumerated() {
            try write("\(number == 0 ? "" : ",")\n  \(object)")
        }
        try write(rows.isEmpty ? "]\n" : "\n]\n")
    }

    private func writeMarkdown(_ write: (String) throws -> Void) rethrows {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
        try write(line(columns.map(Self.markdown)))
        let rules = columns.indices.map { column in
            let values = rows.lazy.map { $0[column] }.filter { $0 != .empty }
            return !values.isEmpty && values.allSatisfy(\.isNumeric) ? "---:" : "---"
        }
        try write(line(rules))
        for row in rows { try write(line(row.map { Self.markdown($0.text) })) }
    }

    private static func markdown(_ text: String) -> String {
        var result = ""
        var last: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where last == "\r": break
            case "\n", "\r": result += "<br>"
            case "|", "\\", "`", "*", "<": result += "\\\(scalar)"
            default: result.unicodeScalars.append(scalar)
            }
            last = scalar
        }
        return result
    }
}
