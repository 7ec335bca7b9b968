package import FurrowRuns

/// The jobs of a run as rows: their parameters, state and metrics.
package struct ResultsTable: Sendable, Hashable {
    /// The columns' names. If two are equal, the name selects the first.
    package let columns: [String]
    /// The rows, each as long as ``columns``.
    package private(set) var rows: [[Cell]]

    /// A table with the given rows, or none.
    ///
    /// - Parameters:
    ///   - columns: The columns' names.
    ///   - rows: Rows as long as `columns`.
    package init(columns: [String], rows: [[Cell]] = []) {
        precondition(rows.allSatisfy { $0.count == columns.count }, "rows as long as the header")
        self.columns = columns
        self.rows = rows
    }

    /// Adds a row, which is as long as ``columns``.
    package mutating func append(_ row: [Cell]) {
        precondition(row.count == columns.count, "a row as long as there are columns")
        rows.append(row)
    }

    /// The rows sorted by one column; equal rows keep their order.
    ///
    /// Numbers come first, then NaN, Booleans and text; rows without a value come last, in both
    /// directions.
    ///
    /// - Parameter key: A column's name; `-` in front sorts the largest value first.
    /// - Throws: ``UnknownColumn``.
    package func sorted(by key: String) throws(UnknownColumn) -> ResultsTable {
        let descending = key.hasPrefix("-") && !columns.contains(key)
        let column = try index(of: descending ? String(key.dropFirst()) : key)
        let order = rows.indices.sorted { first, second in
            let (left, right) = (rows[first][column], rows[second][column])
            if left.precedes(right, descending: descending) { return true }
            return first < second && !right.precedes(left, descending: descending)
        }
        return ResultsTable(columns: columns, rows: order.map { rows[$0] })
    }

    /// Some of the columns, in the given order.
    ///
    /// - Parameter names: The columns' names.
    /// - Throws: ``UnknownColumn``.
    package func selecting(_ names: [String]) throws(UnknownColumn) -> ResultsTable {
        var chosen: [Int] = []
        for name in names { chosen.append(try index(of: name)) }
        return ResultsTable(columns: names, rows: rows.map { row in chosen.map { row[$0] } })
    }

    /// The rows that satisfy an expression.
    ///
    /// - Parameter expression: The parsed `--where` expression.
    /// - Throws: ``WhereError`` if the expression uses an unknown column.
    package func filtered(where expression: WhereExpression) throws(WhereError) -> ResultsTable {
        let holds = try expression.predicate(for: columns)
        return ResultsTable(columns: columns, rows: rows.filter(holds))
    }

    private func index(of name: String) throws(UnknownColumn) -> Int {
        guard let index = columns.firstIndex(of: name) else {
            throw UnknownColumn(name: name, columns: columns)
        }
        return index
    }
}
