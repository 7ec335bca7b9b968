/// Follows the quotes of a shell script.
struct ShellReader {
    /// The quotes that the next byte is in; those around a `$(…)` lie below.
    private var stack: [QuoteState] = [.bare]
    private var closers: [UInt8] = []
    private var isEscaped = false
    private var last = UInt8(ascii: "\n")
    /// Whether a `<<`, a `$'` or, in a `$(…)`, a `case` stood outside of quotes so far.
    private var hasHereDocument = false
    private var hasDollarQuote = false
    private var hasInnerCase = false
    private var word: [UInt8] = []
    private var followsSubstitution = false
    /// How deep the innermost `$((` began.
    private var arithmetic: Int?

    /// Whether all that was opened is closed.
    var isClosed: Bool { closers.isEmpty && (state == .bare || state == .comment) && !isEscaped }

    /// Why a value cannot stand here, where quotes would not do what they do elsewhere, or where it
    /// is not certain what they do.
    var refusal: TemplateError? {
        if state == .comment { return nil }
        if hasHereDocument {
            return TemplateError(
                problem: "a here-document (<<) stands in front of a parameter's place",
                remedy: "a shell knows no quotes in it: read $FURROW_PARAMS there"
            )
        }
        if arithmetic != nil {
            return TemplateError(
                problem: "a parameter's place stands in $((…))",
                remedy: "some shells run commands that a value hides there: compute with $(expr …)"
            )
        }
        if isEscaped {
            return TemplateError(
                problem: "a backslash stands in front of a parameter's place",
                remedy: "remove it; a value needs no quotes of yours"
            )
        }
        if closers.contains(UInt8(ascii: "`")) {
            return TemplateError(
                problem: "a parameter's place stands between backquotes",
                remedy: "write $(…)"
            )
        }
        if hasDollarQuote {
            return TemplateError(
                problem: "$'…' stands in front of a parameter's place",
                remedy: "shells read it differently: use printf"
            )
        }
        if hasInnerCase {
            return TemplateError(
                problem: "a case in $(…) stands in front of a parameter's place",
                remedy: "give the value to a variable first, as in v={x}"
            )
        }
        return nil
    }

    var state: QuoteState { stack[stack.count - 1] }

    mutating func read(_ byte: UInt8) {
        let wasEscaped = isEscaped
        defer { last = isEscaped || wasEscaped ? 0 : byte }
        if byte == UInt8(ascii: "'"), last == UInt8(ascii: "$"), state == .bare, !isEscaped {
            hasDollarQuote = true
        }
        if state == .bare, UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte {
            word.append(byte)
        } else {
            if word == Array("case".utf8), !closers.isEmpty { hasInnerCase = true }
            word = []
        }
        if byte == UInt8(ascii: "("), followsSubstitution, state == .bare {
            arithmetic = arithmetic ?? closers.count
        }
        followsSubstitution =
            byte == UInt8(ascii: "(") && last == UInt8(ascii: "$") && !isEscaped
            && (state == .bare || state == .double)
        if isEscaped {
            isEscaped = false
            return
        }
        switch (state, byte) {
        case (.comment, UInt8(ascii: "\n")): stack[stack.count - 1] = .bare
        case (.comment, _): break
        case (.single, UInt8(ascii: "'")): stack.removeLast()
        case (.single, _): break
        case (_, UInt8(ascii: "\\")): isEscaped = true
        case (.double, UInt8(ascii: "\"")): stack.removeLast()
        case (.bare, UInt8(ascii: "\"")): stack.append(.double)
        case (.bare, UInt8(ascii: "'")): stack.append(.single)
        case (_, UInt8(ascii: "(")) where last == UInt8(ascii: "$") || state == .bare:
            enter(closing: UInt8(ascii: ")"))
        case (.bare, UInt8(ascii: ")")) where closers.last == byte: leave()
        case (.bare, UInt8(ascii: "`")) where closers.last == byte: leave()
        case (_, UInt8(ascii: "`")): enter(closing: byte)
        case (.bare, UInt8(ascii: "#")) where Self.beginsWord(after: last):
            stack[stack.count - 1] = .comment
        case (.bare, UInt8(ascii: "<")) where last == byte: hasHereDocument = true
        default: break
        }
    }

    private mutating func enter(closing closer: UInt8) {
        stack.append(.bare)
        closers.append(closer)
    }

    private mutating func leave() {
        stack.removeLast()
        closers.removeLast()
        if let depth = arithmetic, closers.count < depth { arithmetic = nil }
    }

    private static func beginsWord(after byte: UInt8) -> Bool {
        [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: ";")]
            .contains(byte)
            || [UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "(")]
                .contains(byte)
    }
}
