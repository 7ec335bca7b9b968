import Yams

/// Finds the scalars of a document that begin with a byte order mark: Yams drops the first of a
/// scalar, as Foundation's strings do.
struct LeadingMarks {
    private static let mark: Unicode.Scalar = "\u{FEFF}"
    private static let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]

    private let scalars: [Unicode.Scalar]
    /// Where the lines begin, as YAML counts them; empty where the document has no such mark.
    private let starts: [Int]

    /// - Parameter text: the document.
    init(in text: String) {
        guard text.unicodeScalars.contains(Self.mark) || text.lowercased().contains("feff") else {
            (scalars, starts) = ([], [])
            return
        }
        let scalars = Array(text.unicodeScalars)
        self.scalars = scalars
        starts =
            [0]
            + scalars.indices.filter { place in
                let isPair =
                    scalars[place] == "\r" && place + 1 < scalars.count
                    && scalars[place + 1] == "\n"
                return Self.breaks.contains(scalars[place]) && !isPair
            }.map { $0 + 1 }
    }

    /// A scalar's text.
    func text(of scalar: Node.Scalar) -> String {
        guard let mark = scalar.mark, starts.indices.contains(mark.line - 1) else {
            return scalar.string
        }
        var rest = scalars.dropFirst(starts[mark.line - 1] + mark.column - 1)
        // An anchor and a tag stand before it.
        while rest.first == "&" || rest.first == "!" {
            rest = rest.drop { $0 != " " }.drop { $0 == " " }
        }
        switch scalar.style {
        case .literal, .folded:
            guard starts.indices.contains(mark.line) else { return scalar.string }
            rest = scalars.dropFirst(starts[mark.line]).drop { $0 == " " }
        case .singleQuoted, .doubleQuoted: rest = rest.dropFirst()
        case .any, .plain: break
        }
        var beginning = String.UnicodeScalarView()
        beginning.append(contentsOf: rest.prefix(10))
        let isEscaped =
            scalar.style == .doubleQuoted
            && ["\\ufeff", "\\u0000feff"].contains { String(beginning).lowercased().hasPrefix($0) }
        return (isEscaped || rest.first == Self.mark ? "\u{FEFF}" : "") + scalar.string
    }
}
