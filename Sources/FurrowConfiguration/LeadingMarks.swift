import Yams

/// Finds the scalars of a document that begin with a byte order mark: Yams drops the first of a
/// scalar, as Foundation's strings do.
struct LeadingMarks {
    private static let mark: Unicode.Scalar = "\u{FEFF}"
    private static let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]

    /// The lines of the document, as YAML counts them; empty where it has no such mark.
    private let lines: [Substring.UnicodeScalarView]

    /// - Parameter text: the document.
    init(in text: String) {
        let scalars = text.unicodeScalars
        guard scalars.contains(Self.mark) || text.lowercased().contains("feff") else {
            lines = []
            return
        }
        var lines: [Substring.UnicodeScalarView] = []
        var start = scalars.startIndex
        var place = start
        while place < scalars.endIndex {
            let next = scalars.index(after: place)
            let isPair = scalars[place] == "\r" && next < scalars.endIndex && scalars[next] == "\n"
            if Self.breaks.contains(scalars[place]), !isPair {
                lines.append(scalars[start..<place])
                start = next
            }
            place = next
        }
        self.lines = lines + [scalars[start...]]
    }

    /// A scalar's text.
    func text(of scalar: Node.Scalar) -> String {
        guard let mark = scalar.mark, lines.indices.contains(mark.line - 1) else {
            return scalar.string
        }
        var rest = lines[mark.line - 1].dropFirst(mark.column - 1)
        // An anchor and a tag stand before it.
        while rest.first == "&" || rest.first == "!" {
            rest = rest.drop { $0 != " " }.drop { $0 == " " }
        }
        switch scalar.style {
        case .literal, .folded:
            guard lines.indices.contains(mark.line) else { return scalar.string }
            rest = lines[mark.line].drop { $0 == " " }
        case .singleQuoted, .doubleQuoted: rest = rest.dropFirst()
        case .any, .plain: break
        }
        let isEscaped =
            scalar.style == .doubleQuoted
            && ["\\ufeff", "\\u0000feff"].contains { String(rest).lowercased().hasPrefix($0) }
        return (isEscaped || rest.first == Self.mark ? "\u{FEFF}" : "") + scalar.string
    }
}
