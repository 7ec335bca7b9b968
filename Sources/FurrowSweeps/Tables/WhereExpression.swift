import FurrowRuns

/// A `--where` expression, which selects rows of a results table:
///
///     model == "knn" and (auroc >= 0.98 or not data.category != 3)
///
/// A comparison (`==`, `!=`, `<`, `<=`, `>`, `>=`) has a column on its left, and a number, a quoted
/// text, `true`, `false` or `null` on its right. A column is written in backquotes if its name has
/// other characters than letters, digits, `_`, `.`, `-` and `+`. `not` binds closest, then `and`,
/// then `or`.
///
/// - Two numbers compare as numbers: `0.10 == 0.1`. NaN satisfies only `!=`.
/// - A quoted text is compared with the cell's text, even if that is a number, in Unicode order.
/// - Text is never smaller or larger than a number; it equals a number that is written the same.
/// - For an empty cell only `== null` holds; every other comparison is false. `!= null` selects the
///   cells with a value.
package struct WhereExpression: Sendable {
    indirect enum Node: Sendable {
        case comparison(column: String, offset: Int, Comparison, Cell)
        case not(Node)
        case all([Node])
        case any([Node])
    }

    enum Comparison: String, Sendable, CaseIterable {
        case equal = "=="
        case notEqual = "!="
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case less = "<"
        case greater = ">"

        /// Whether it needs no order of values.
        var isEquality: Bool { self == .equal || self == .notEqual }
    }

    private let source: String
    let root: Node

    /// Reads an expression.
    ///
    /// - Parameter source: The expression's text.
    /// - Throws: ``WhereError`` with the position of the mistake.
    package init(_ source: String) throws(WhereError) {
        var parser = try WhereParser(source)
        self.source = source
        root = try parser.parse()
    }

    /// The test to apply to rows of a table with these columns.
    func predicate(for columns: [String]) throws(WhereError) -> @Sendable ([Cell]) -> Bool {
        try predicate(root, columns)
    }

    private func predicate(_ node: Node, _ columns: [String]) throws(WhereError)
        -> @Sendable ([Cell]) -> Bool
    {
        switch node {
        case .comparison(let name, let offset, let comparison, let literal):
            guard let column = columns.firstIndex(of: name) else {
                let problem = UnknownColumn(name: name, columns: columns).description
                throw WhereError(expression: source, column: offset + 1, problem: problem)
            }
            return { comparison.holds($0[column], literal) }
        case .not(let node):
            let holds = try predicate(node, columns)
            return { !holds($0) }
        case .all(let nodes):
            let all = try predicates(nodes, columns)
            return { row in all.allSatisfy { $0(row) } }
        case .any(let nodes):
            let any = try predicates(nodes, columns)
            return { row in any.contains { $0(row) } }
        }
    }

    private func predicates(_ nodes: [Node], _ columns: [String]) throws(WhereError)
        -> [@Sendable ([Cell]) -> Bool]
    {
        var predicates: [@Sendable ([Cell]) -> Bool] = []
        for node in nodes { predicates.append(try predicate(node, columns)) }
        return predicates
    }
}

extension WhereExpression.Comparison {
    func holds(_ cell: Cell, _ literal: Cell) -> Bool {
        switch (cell, literal) {
        case (_, .empty): (cell == .empty) == (self == .equal)
        case (.empty, _): false
        // `True` in a sweep file is text.
        case (_, .boolean): (cell.text.lowercased() == literal.text) == (self == .equal)
        case (_, .text): holds(Cell.order(cell.text, literal.text))
        case (.text, _), (.boolean, _):
            isEquality && holds(Cell.order(cell.text, literal.text))
        default: Cell.numericOrder(cell, literal).map(holds) ?? (self == .notEqual)
        }
    }

    private func holds(_ order: Cell.Order) -> Bool {
        switch self {
        case .equal: order == .same
        case .notEqual: order != .same
        case .less: order == .before
        case .lessOrEqual: order != .after
        case .greater: order == .after
        case .greaterOrEqual: order != .before
        }
    }
}
