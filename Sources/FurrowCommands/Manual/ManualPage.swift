/// Formats a page of the book for `man`, with the macros of man(7) and tables for tbl(1).
struct ManualPage {
    /// The page's name, for example `furrow-sweep`.
    let name: String
    /// Furrow's version.
    let version: String
    /// Related pages, with their sections.
    let others: [String]

    func render(_ page: MarkdownPage) -> String {
        var lines = [
            // Tells man to run tbl.
            #"'\" t"#,
            ".TH \(name.uppercased()) 5 \"\" \"Furrow \(version)\" \"Furrow Manual\"",
            // Neither stretched lines nor hyphens: the columns of tables are narrow.
            ".ad l", ".nh",
            ".SH NAME", "\(escaped(name)) \\- \(escaped(page.abstract))", ".SH DESCRIPTION",
        ]
        for block in page.blocks {
            switch block {
            case .heading(let level, let line):
                lines.append(level == 2 ? ".SH \(line.text.uppercased())" : ".SS \(line.text)")
            case .paragraph(let line): lines += [".PP", text(line)]
            case .item(let mark, let line):
                lines += [mark == "-" ? #".IP \(bu 2"# : ".IP \(mark) 4", text(line)]
            case .code(let code):
                lines +=
                    [".PP", ".in +4n", ".EX"] + code.map { guarded(escaped($0)) } + [
                        ".EE", ".in",
                    ]
            case .table(let rows): lines += table(rows)
            }
        }
        lines += [
            ".SH SEE ALSO",
            others.map { ".BR \(escaped($0.replacing("(", with: " (")))" }
                .joined(separator: "\n"),
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private func table(_ rows: [[MarkdownLine]]) -> [String] {
        let rows = rows.filter { !$0.allSatisfy { $0.text.isEmpty } }
        let columns = rows.map(\.count).max() ?? 0
        guard columns > 0 else { return [] }
        let header = Array(repeating: "lb", count: columns)
        let format = Array(repeating: "l", count: columns - 1) + ["lx"]
        let formats = header.joined(separator: " ") + "\n" + format.joined(separator: " ") + "."
        return [".PP", ".TS", formats]
            + rows.map { cells in
                (0..<columns).map { column in
                    guard column < cells.count, !cells[column].spans.isEmpty else { return "" }
                    let cell = text(cells[column])
                    // The last column is a text block, which wraps.
                    return column == columns - 1 ? "T{\n\(cell)\nT}" : cell
                }.joined(separator: "\t")
            } + [".TE"]
    }

    private func text(_ line: MarkdownLine) -> String {
        guarded(
            line.spans.map { span in
                switch span {
                case .plain(let text): escaped(text)
                case .code(let text), .strong(let text): "\\fB\(escaped(text))\\fR"
                }
            }.joined()
        )
    }

    /// Protects a point or a quote at the beginning of a line, which would start a macro.
    private func guarded(_ line: String) -> String {
        line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
    }

    private func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
            .replacing("'", with: "\\(aq").replacing("`", with: "\\(ga")
            .replacing("^", with: "\\(ha").replacing("~", with: "\\(ti")
    }
}
