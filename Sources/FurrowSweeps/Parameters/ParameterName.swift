/// Which names parameters may have: those that a template can use in braces.
enum ParameterName {
    /// Whether a text can be a parameter's name in a template.
    static func isValid(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, isLetter(first) else { return false }
        return text.utf8.allSatisfy(isPart)
    }

    /// Whether what stands in braces may mean a name, by its ends: a long script may have many
    /// braces, and only the last of them closed.
    static func isPossible(_ bytes: ArraySlice<UInt8>) -> Bool {
        let rest = bytes.drop(while: isPart)
        return bytes.count < 4 || rest.count < 2
            || rest.starts(with: "[\"".utf8)
                && rest.suffix(3).contains(UInt8(ascii: "]"))
    }

    /// The name meant by `d["long text"]`: `d.long text`.
    ///
    /// - Returns: `nil` for a text of another form.
    static func bracketed(_ text: String) -> String? {
        guard let open = text.firstIndex(of: "["), text.hasSuffix("\"]"),
            text[open...].hasPrefix("[\""), text[open...].count > 4
        else { return nil }
        let group = text[..<open]
        guard isValid(group) else { return nil }
        return "\(group).\(text[text.index(open, offsetBy: 2)...].dropLast(2))"
    }

    /// A name in the form that ``bracketed(_:)`` reads.
    static func inBrackets(_ name: String) -> String {
        let group = name.prefix { $0 != "." }
        return "\(group)[\"\(name.dropFirst(group.count + 1))\"]"
    }

    private static func isPart(_ byte: UInt8) -> Bool {
        isLetter(byte) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        default: byte == UInt8(ascii: "_")
        }
    }
}
