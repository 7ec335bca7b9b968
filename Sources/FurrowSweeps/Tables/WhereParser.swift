import FurrowRuns
import FurrowSystem

/// Reads a `--where` expression by recursive descent.
struct WhereParser {
    private enum Token: Hashable {
        case word(String)
        case text(String)
        case backquoted(String)
        case comparison(WhereExpression.Comparison)
        case open
        case close
        case end
    }

    /// More levels than anyone writes, and too few to overflow a thread's stack.
    private static let deepest = 100

    private let source: String
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var token = Token.end
    private var start = 0
    private var depth = 0

    init(_ source: String) throws(WhereError) {
        self.source = source
        scalars = Array(source.unicodeScalars)
        try advance()
    }

    mutating func parse() throws(WhereError) -> WhereExpression.Node {
        let node = try disjunction()
        guard token == .end else { throw unexpected("'and', 'or' or the end") }
        return node
    }

    private mutating func disjunction() throws(WhereError) -> WhereExpression.Node {
        var nodes = [try conjunction()]
        while token == .word("or") {
            try advance()
            nodes.append(try conjunction())
        }
        return nodes.count == 1 ? nodes[0] : .any(nodes)
    }

    private mutating func conjunction() throws(WhereError) -> WhereExpression.Node {
        var nodes = [try condition()]
        while token == .word("and") {
            try advance()
            nodes.append(try condition())
        }
        return nodes.count == 1 ? nodes[0] : .all(nodes)
    }

    private mutating func condition() throws(WhereError) -> WhereExpression.Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else {
            throw error("more than \(Self.deepest) levels of 'not' and parentheses")
        }
        switch token {
        case .word("not"):
            try advance()
            return .not(try condition())
        case .open:
            let opening = start
            try advance()
            let node = try disjunction()
            guard token == .close else {
                throw unexpected("'and', 'or' or the ')' for the '(' at column \(opening + 1)")
            }
            try advance()
            return node
        default:
            return try comparison()
        }
    }

    private mutating func comparison() throws(WhereError) -> WhereExpression.Node {
        let offset = start
        let column: String
        switch token {
        case .backquoted(let name): column = name
        case .word(let name) where !["and", "or"].contains(name) && literal(name) == nil:
            column = name
        default:
            throw unexpected("a column's name without quotes on the left")
        }
        try advance()
        guard case .comparison(let comparison) = token else {
            throw unexpected("==, !=, <, <=, > or >= after '\(column)'")
        }
        let sign = start
        try advance()
        let value = try literal()
        guard comparison.isEquality || value.isNumeric || isText else {
            throw error("only == and != work with '\(display)'", at: sign)
        }
        try advance()
        return .comparison(column: column, offset: offset, comparison, value)
    }

    private func literal() throws(WhereError) -> Cell {
        switch token {
        case .text(let text): return .text(text)
        case .word(let word):
            if let value = literal(word) { return value }
            throw error(
                "expected a value for the comparison, found '\(word)'; put text in quotes: "
                    + JSONString.encode(word)
            )
        default: throw unexpected("a number, a quoted text, true, false or null")
        }
    }

    /// NaN is not accepted, because nothing equals it; `"nan"` finds it as text.
    private func literal(_ word: String) -> Cell? {
        if word == "null" { return .empty }
        switch Cell(text: word) {
        case .text, .empty: return nil
        case .number(let value, _) where value.isNaN: return nil
        case let value: return value
        }
    }

    private var isText: Bool { if case .text = token { true } else { false } }

    private var display: String { String(String.UnicodeScalarView(scalars[start..<position])) }

    private func unexpected(_ expected: String) -> WhereError {
        error("expected \(expected), found \(token == .end ? "the end" : "'\(display)'")")
    }

    private func error(_ problem: String, at offset: Int? = nil) -> WhereError {
        WhereError(expression: source, column: (offset ?? start) + 1, problem: problem)
    }
}

extension WhereParser {
    /// Reads the next token.
    private mutating func advance() throws(WhereError) {
        while position < scalars.count, scalars[position].properties.isWhitespace { position += 1 }
        start = position
        guard position < scalars.count else {
            token = .end
            return
        }
        let scalar = scalars[position]
        position += 1
        switch scalar {
        case "(": token = .open
        case ")": token = .close
        case "`": token = .backquoted(try quoted(until: scalar))
        case "\"", "'": token = .text(try quoted(until: scalar))
        case "=", "!", "<", ">": token = .comparison(try comparison(scalar))
        default:
            while position < scalars.count, isWord(scalars[position]) { position += 1 }
            guard isWord(scalar) else {
                throw error("'\(scalar)' is not allowed here; put text in quotes")
            }
            token = .word(display)
        }
    }

    private func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            || scalar.properties.generalCategory == .nonspacingMark
            || ["_", ".", "-", "+"].contains(scalar)
    }

    private mutating func comparison(_ first: Unicode.Scalar) throws(WhereError)
        -> WhereExpression.Comparison
    {
        if position < scalars.count, scalars[position] == "=" { position += 1 }
        guard let comparison = WhereExpression.Comparison(rawValue: display) else {
            throw error(
                "'\(first)' is not allowed here; write == or !=, or 'not' before a condition"
            )
        }
        return comparison
    }

    /// Reads up to the closing quote. There are no escapes between backquotes.
    private mutating func quoted(until quote: Unicode.Scalar) throws(WhereError) -> String {
        var text = String.UnicodeScalarView()
        while position < scalars.count {
            let scalar = scalars[position]
            position += 1
            if scalar == quote { return String(text) }
            guard scalar == "\\", quote != "`" else {
                text.append(scalar)
                continue
            }
            text.append(try escaped())
        }
        throw error("no closing \(quote)")
    }

    private mutating func escaped() throws(WhereError) -> Unicode.Scalar {
        let backslash = position - 1
        if position < scalars.count, scalars[position] == "'" {
            position += 1
            return "'"
        }
        let tail = String(String.UnicodeScalarView(scalars[position...].prefix(10)))
        var rest = tail.unicodeScalars[...]
        guard let scalar = JSONString.escape(&rest) else {
            throw error(
                "unknown escape; valid: \\\\ \\\" \\' \\/ \\n \\r \\t \\b \\f \\uXXXX",
                at: backslash
            )
        }
        position += tail.unicodeScalars.count - rest.count
        return scalar
    }
}
