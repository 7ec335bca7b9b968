/// Follows the quotes of a shell script.
struct ShellReader {
    /// The quotes around the next byte; those around a `$(…)` are below.
    private var stack: [QuoteState] = [.bare]
    private var closers: [UInt8] = []
    private var isEscaped = false
    private var last = UInt8(ascii: "\n")
    /// Whether there was a `<<`, a `$'` or, in a `$(…)`, a `case` outside of quotes so far.
    private var hasHereDocument = false
    private var hasDollarQuote = false
    private var hasInnerCase = false
    private var word: [UInt8] = []
    private var followsSubstitution = false
    /// The depth at which the innermost `$((` began.
    private var arithmetic: Int?

    /// Whether every quote and parenthesis is closed.
    var isClosed: Bool { closers.isEmpty && (state == .bare || state == .comment) && !isEscaped }

    /// Why a value is not allowed here: quotes would not work as elsewhere, or their effect is
    /// uncertain.
    var refusal: TemplateError? {
        if state == .comment { return nil }
        if hasHereDocument {
            return TemplateError(
                problem: "a parameter must not follow a here-document (<<)",
                remedy: "quotes do not work in it: read $FURROW_PARAMS there"
            )
        }
        if arithmetic != nil {
            return TemplateError(
                problem: "a parameter must not be in $((…))",
                remedy: "some shells would run commands hidden in a value: compute with $(expr …)"
            )
        }
        if isEscaped {
            return TemplateError(
                problem: "a parameter must not follow a backslash",
                remedy: "remove it; values are quoted for you"
            )
        }
        if closers.contains(UInt8(ascii: "`")) {
            return TemplateError(
                problem: "a parameter must not be in backquotes",
                remedy: "write $(…)"
            )
        }
        if hasDollarQuote {
            return TemplateError(
                problem: "a parameter must not follow $'…'",
                remedy: "not all shells know it: use printf"
            )
        }
        if hasInnerCase {
            return TemplateError(
                problem: "a parameter must not follow a case in $(…)",
                remedy: "put the value into a variable first, for example v={x}"
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
