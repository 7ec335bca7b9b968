/// Which names parameters may have: those that a template can use in braces.
enum ParameterName {
    /// Whether a text can be a parameter's name in a template.
    static func isValid(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, isLetter(first) else { return false }
        return text.utf8.allSatisfy(isPart)
    }

    /// Whether what stands in braces may mean a name without brackets, by its ends: a long script
    /// may have many braces, and only the last of them closed.
    static func isPossible(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count < 4 || bytes.drop(while: isPart).count < 2
    }

    /// Where the text in the brackets begins, of braces with `d["long text"]` or `["long text"]`.
    ///
    /// - Parameter bytes: what follows the brace.
    /// - Returns: `nil` for braces with anything else.
    static func bracket(in bytes: ArraySlice<UInt8>) -> Int? {
        let group = bytes.prefix(while: isPart)
        guard group.isEmpty || isLetter(group[group.startIndex]),
            bytes[group.endIndex...].starts(with: "[\"".utf8)
        else { return nil }
        return group.endIndex + 2
    }

    /// The name of a text in brackets behind a group, which may be empty.
    static func name(_ text: ArraySlice<UInt8>, in group: ArraySlice<UInt8>) -> String {
        let text = String(decoding: text, as: UTF8.self)
        return group.isEmpty ? text : "\(String(decoding: group, as: UTF8.self)).\(text)"
    }

    /// A name in the form that ``bracket(in:)`` finds.
    static func inBrackets(_ name: String) -> String {
        let group = name.prefix { $0 != "." }
        guard group.count < name.count, isValid(group) else { return "[\"\(name)\"]" }
        return "\(group)[\"\(name.dropFirst(group.count + 1))\"]"
    }

    /// What somebody may write in braces for a name that needs brackets with double quotes.
    static func mistaken(_ name: String) -> [String] {
        let group = name.prefix { $0 != "." }
        let rest = name.dropFirst(group.count + 1)
        let inGroup =
            group.count < name.count ? ["\(group)[\(rest)]", "\(group)['\(rest)']"] : []
        return [name, "[\(name)]", "['\(name)']"] + inGroup
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
