extension Unicode.Scalar {
    /// How many columns of a terminal it takes: 0 for one that joins the scalar before it, 2 for
    /// wide ones, such as Chinese characters and emoji.
    fileprivate var columns: Int {
        if value < 0x300 { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        // Unicode's East Asian Width: the blocks whose characters are wide.
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xA000...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18CD5, 0x1B000...0x1B2FB,
            0x20000...0x3FFFD:
            return 2
        default: return properties.isEmojiPresentation ? 2 : 1
        }
    }
}

extension Character {
    /// How many columns of a terminal it takes.
    fileprivate var columns: Int {
        let scalars = unicodeScalars
        // A scalar that is text alone becomes an emoji by the selector behind it.
        if scalars.contains("\u{FE0F}") { return 2 }
        return scalars.map(\.columns).max() ?? 0
    }
}

extension StringProtocol {
    /// How many columns of a terminal the text takes.
    package var displayWidth: Int { reduce(0) { $0 + $1.columns } }

    /// The beginning of the text that fits into so many columns.
    package func fitted(to columns: Int) -> String {
        var left = columns
        return String(
            prefix { character in
                left -= character.columns
                return left >= 0
            }
        )
    }

    /// The text, cut off or filled with spaces to exactly so many columns.
    package func padded(to columns: Int) -> String {
        let text = fitted(to: columns)
        return text + String(repeating: " ", count: Swift.max(0, columns - text.displayWidth))
    }

    /// The text without characters that could control a terminal.
    package var withoutControls: String {
        guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            return String(self)
        }
        return String(
            String.UnicodeScalarView(
                unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
            )
        )
    }
}
