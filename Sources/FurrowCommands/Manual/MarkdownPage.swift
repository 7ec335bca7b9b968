/// A page of the book in its parts. Reads the book's Markdown: headings, paragraphs, lists, tables
/// and code.
struct MarkdownPage: Sendable, Equatable {
    enum Block: Sendable, Equatable {
        case heading(level: Int, MarkdownLine)
        case paragraph(MarkdownLine)
        /// An element of a list, with its mark: a bullet, or a number and a point.
        case item(mark: String, MarkdownLine)
        case code([String])
        /// Rows of cells, the header first; it is empty if the table has none.
        case table([[MarkdownLine]])
    }

    /// The heading of the first level.
    private(set) var title = ""
    /// The first paragraph.
    private(set) var abstract = ""
    private(set) var blocks: [Block] = []

    /// - Parameter text: the page.
    init(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        while let line = lines.popFirst() {
            if line.hasPrefix("```") {
                let end = lines.firstIndex { $0.hasPrefix("```") } ?? lines.endIndex
                blocks.append(.code(lines[..<end].map { String($0) }))
                lines = lines[min(end + 1, lines.endIndex)...]
            } else if line.hasPrefix("|") {
                var rows = [line]
                while let next = lines.first, next.hasPrefix("|") {
                    rows.append(next)
                    lines.removeFirst()
                }
                blocks.append(.table(Self.table(rows)))
            } else if line.hasPrefix("#") {
                let level = line.prefix { $0 == "#" }.count
                add(heading: String(line.dropFirst(level + 1)), level: level)
            } else if !line.isEmpty {
                var text = String(line)
                // An indented line, or one without a mark of its own, continues the paragraph.
                while let next = lines.first, !next.isEmpty, Self.goesOn(next) {
                    text += " " + next.drop { $0 == " " }
                    lines.removeFirst()
                }
                add(paragraph: text)
            }
        }
    }

    private static func goesOn(_ line: Substring) -> Bool {
        !line.hasPrefix("|") && !line.hasPrefix("#") && !line.hasPrefix("```")
            && mark(of: line) == nil
    }

    /// The mark of a list element.
    private static func mark(of line: some StringProtocol) -> String? {
        if line.hasPrefix("- ") { return "-" }
        let digits = line.prefix { $0.isASCII && $0.isNumber }
        return !digits.isEmpty && line.dropFirst(digits.count).hasPrefix(". ") ? "\(digits)." : nil
    }

    private mutating func add(heading: String, level: Int) {
        if level == 1 {
            title = heading
        } else if heading != "Overview" {
            blocks.append(.heading(level: level, MarkdownLine(heading)))
        }
    }

    private mutating func add(paragraph: String) {
        if let mark = Self.mark(of: paragraph) {
            let text = String(paragraph.dropFirst(mark.count + 1))
            blocks.append(.item(mark: mark, MarkdownLine(text)))
        } else if abstract.isEmpty, blocks.isEmpty {
            abstract = MarkdownLine(paragraph).text
        } else {
            blocks.append(.paragraph(MarkdownLine(paragraph)))
        }
    }

    private static func table(_ lines: [Substring]) -> [[MarkdownLine]] {
        lines.enumerated().filter { $0.offset != 1 }.map { cells(of: $0.element) }
    }

    /// The cells of a row; a bar in code, or behind a backslash, does not end one.
    private static func cells(of line: Substring) -> [MarkdownLine] {
        var cells = [""]
        var isCode = false
        var isEscaped = false
        for character in line.dropFirst() {
            if character == "`", !isEscaped { isCode.toggle() }
            if character == "|", !isCode, !isEscaped {
                cells.append("")
            } else {
                cells[cells.count - 1].append(character)
            }
            isEscaped = character == "\\" && !isEscaped
        }
        return cells.dropLast().map {
            MarkdownLine(String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
        }
    }
}
