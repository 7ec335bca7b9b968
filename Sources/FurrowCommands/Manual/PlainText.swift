/// Formats a page of the book for a terminal.
struct PlainText {
    /// The most columns of a line; code and longer words may exceed it.
    let width: Int

    func render(_ page: MarkdownPage) -> String {
        var lines = [page.title.uppercased(), ""] + wrapped(page.abstract, width)
        var wasItem = false
        for block in page.blocks {
            var isItem = false
            if case .item = block { isItem = true }
            if !(isItem && wasItem) { lines.append("") }
            wasItem = isItem
            switch block {
            case .heading(let level, let line):
                lines.append(level == 2 ? line.text.uppercased() : line.text)
            case .paragraph(let line): lines += wrapped(line.text, width)
            case .item(let mark, let line): lines += item(mark, line)
            case .code(let code): lines += code.map { $0.isEmpty ? "" : "    \($0)" }
            case .table(let rows): lines += table(rows)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func item(_ mark: String, _ line: MarkdownLine) -> [String] {
        let indent = String(repeating: " ", count: mark.count + 1)
        return wrapped(line.text, width - indent.count).enumerated().map {
            ($0.offset == 0 ? mark + " " : indent) + $0.element
        }
    }

    /// The last column gets the remaining width, and is wrapped.
    private func table(_ rows: [[MarkdownLine]]) -> [String] {
        let texts = rows.map { $0.map(\.text) }.filter { !$0.allSatisfy(\.isEmpty) }
        let columns = texts.map(\.count).max() ?? 0
        guard columns > 0 else { return [] }
        let widths = (0..<columns - 1).map { column in
            texts.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        let indent = widths.reduce(4) { $0 + $1 + 2 }
        // If almost no width remains, the last column gets separate lines.
        let isBelow = width - indent < 24
        return texts.flatMap { cells -> [String] in
            let head = zip(cells, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count + 2)
            }.joined()
            let room = isBelow ? width - 8 : width - indent
            let rest = wrapped(cells.count == columns ? cells[columns - 1] : "", room)
            if isBelow {
                return [trimmed("    " + head)] + rest.map { trimmed("        " + $0) }
            }
            return rest.enumerated().map { number, text in
                let start = number == 0 ? head : String(repeating: " ", count: indent - 4)
                return trimmed("    " + start + text)
            }
        }
    }

    private func trimmed(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// Words in lines of limited width; at least one line.
    private func wrapped(_ text: String, _ width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
