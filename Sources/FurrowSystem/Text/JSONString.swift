/// Text in double quotes as in JSON, which is also valid YAML.
package enum JSONString {
    /// Puts a text between double quotes.
    package static func encode(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            // JSON requires this below the space. YAML forbids the others, or reads them as a line
            // end or a byte order mark.
            case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}",
                "\u{FFFF}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// A list of values that are JSON already.
    package static func list(_ members: [String]) -> String {
        "[\(members.joined(separator: ", "))]"
    }

    /// Reads the rest of an escape, after the backslash.
    package static func escape(_ rest: inout Substring.UnicodeScalarView) -> Unicode.Scalar? {
        switch rest.popFirst() {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "u":
            guard let unit = codeUnit(&rest) else { return nil }
            guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit) }
            guard rest.popFirst() == "\\", rest.popFirst() == "u", let trail = codeUnit(&rest),
                UTF16.isTrailSurrogate(trail)
            else { return nil }
            return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
        case .some(let scalar) where ["\"", "\\", "/"].contains(scalar): return scalar
        default: return nil
        }
    }

    private static func codeUnit(_ rest: inout Substring.UnicodeScalarView) -> UInt16? {
        let digits = rest.prefix(4)
        guard digits.count == 4, digits.allSatisfy(\.properties.isASCIIHexDigit) else { return nil }
        rest = rest.dropFirst(4)
        return UInt16(String(digits), radix: 16)
    }
}
