/// Text with code and emphasis. Of a link only the text is kept.
struct MarkdownLine: Sendable, Equatable {
    enum Span: Sendable, Equatable {
        case plain(String)
        case code(String)
        case strong(String)

        var text: String {
            switch self {
            case .plain(let text), .code(let text), .strong(let text): text
            }
        }
    }

    private(set) var spans: [Span] = []

    /// The text without markup.
    var text: String { spans.map(\.text).joined() }

    /// - Parameter source: in Markdown, on one line.
    init(_ source: String) {
        var rest = source[...]
        var plain = ""
        while let first = rest.first {
            if let (span, length) = Self.span(at: rest) {
                if !plain.isEmpty { spans.append(.plain(plain)) }
                plain = ""
                spans.append(span)
                rest = rest.dropFirst(length)
            } else if let (text, length) = Self.link(at: rest) {
                plain += MarkdownLine(text).text
                rest = rest.dropFirst(length)
            } else {
                if first == "\\" { rest = rest.dropFirst() }
                if let character = rest.popFirst() { plain.append(character) }
            }
        }
        if !plain.isEmpty { spans.append(.plain(plain)) }
    }

    /// Code or emphasis at the beginning of a text, and its length in the source.
    private static func span(at text: Substring) -> (Span, Int)? {
        let ticks = text.prefix { $0 == "`" }
        if !ticks.isEmpty, let (inner, length) = between(ticks, ticks, at: text) {
            // A space separates a backquote in the code from those around it.
            let isPadded = inner.hasPrefix(" ") && inner.hasSuffix(" ") && inner.contains("`")
            return (.code(isPadded ? String(inner.dropFirst().dropLast()) : inner), length)
        }
        return between("**", "**", at: text).map { (.strong(MarkdownLine($0).text), $1) }
    }

    /// `[text](target)`, or `<doc:Page>`.
    private static func link(at text: Substring) -> (String, Int)? {
        if let link = between("<doc:", ">", at: text) { return link }
        guard let (inner, length) = between("[", "]", at: text),
            let (_, rest) = between("(", ")", at: text.dropFirst(length))
        else { return nil }
        return (inner, length + rest)
    }

    private static func between(
        _ opening: some StringProtocol,
        _ closing: some StringProtocol,
        at text: Substring
    ) -> (String, Int)? {
        guard text.hasPrefix(opening) else { return nil }
        let inner = text.dropFirst(opening.count)
        guard let end = inner.firstRange(of: closing) else { return nil }
        let content = inner[..<end.lowerBound]
        return (String(content), opening.count + content.count + closing.count)
    }
}
