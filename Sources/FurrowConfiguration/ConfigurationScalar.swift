/// A single value of a configuration file, as it was written.
///
/// The core schema of YAML 1.2 decides the kind of plain (unquoted) text: `null`, `~` and nothing
/// at all are null; `true` and `false` are Booleans; `42`, `0x2a` and `0o52` are whole numbers;
/// `0.5`, `1e3`, `.inf` and `.nan` are numbers; everything else is text. So, unlike in YAML 1.1,
/// `yes`, `no`, `on`, `off`, `1_000`, `12:30` and dates are text, and `010` is ten. Quoted and
/// block text (`|`, `>`) is always text.
public struct ConfigurationScalar: Sendable, Hashable {
    /// The kind of a scalar.
    public enum Kind: Sendable, Hashable {
        /// No value: `null`, `~`, or nothing.
        case null
        /// `true` or `false`.
        case boolean
        /// A whole number: decimal, `0x` or `0o`.
        case integer
        /// Any other number, `.inf` and `.nan` included.
        case float
        /// Anything else.
        case text
    }

    /// The text: of a plain scalar exactly as written (`0.10` stays `0.10`), otherwise the content
    /// of the quotes or the block.
    public let text: String
    /// Whether it was written in quotes or as a block, and so is text, even if it looks like a
    /// number.
    public let isQuoted: Bool
    /// Its kind.
    public let kind: Kind

    /// A plain scalar, of the kind given by the core schema.
    ///
    /// - Parameter text: The text as it would be written.
    public init(plain text: String) {
        self.init(text: text, isQuoted: false, kind: Self.kind(ofPlain: text))
    }

    /// A text scalar, however it looks.
    ///
    /// - Parameter text: The text between the quotes.
    public init(quoted text: String) {
        self.init(text: text, isQuoted: true, kind: .text)
    }

    /// A scalar whose kind is known, from an explicit tag.
    init(text: String, isQuoted: Bool, kind: Kind) {
        self.text = text
        self.isQuoted = isQuoted
        self.kind = kind
    }

    /// The kind the core schema of YAML 1.2 gives to plain text.
    ///
    /// - Parameter text: The text as written.
    /// - Returns: Its kind.
    public static func kind(ofPlain text: String) -> Kind {
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"):
            return ["~", "null", "Null", "NULL"].contains(text) ? .null : .text
        case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
            return boolean(text) == nil ? .text : .boolean
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "+"),
            UInt8(ascii: "-"):
            if isInteger(text) { return .integer }
            return isFloat(text) ? .float : .text
        default:
            return .text
        }
    }

    /// The Boolean that a text spells, if it does.
    static func boolean(_ text: String) -> Bool? {
        switch text {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    /// The digits of a whole number and their base.
    static func digits(of text: String) -> (digits: Substring, radix: Int) {
        if text.hasPrefix("0x") { return (text.dropFirst(2), 16) }
        if text.hasPrefix("0o") { return (text.dropFirst(2), 8) }
        return (text[...], 10)
    }

    private static func isInteger(_ text: String) -> Bool {
        let (digits, radix) = digits(of: text)
        var bytes = digits.utf8
        if radix == 10, let sign = bytes.first, isSign(sign) { bytes = bytes.dropFirst() }
        return !bytes.isEmpty
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "7"): true
                case UInt8(ascii: "8")...UInt8(ascii: "9"): radix >= 10
                case UInt8(ascii: "a")...UInt8(ascii: "f"): radix == 16
                case UInt8(ascii: "A")...UInt8(ascii: "F"): radix == 16
                default: false
                }
            }
    }

    private static func isFloat(_ text: String) -> Bool {
        var rest = text.utf8[...]
        if [".nan", ".NaN", ".NAN"].contains(text) { return true }
        if let sign = rest.first, isSign(sign) { rest = rest.dropFirst() }
        if [".inf", ".Inf", ".INF"].contains(Substring(rest)) { return true }
        let whole = dropDigits(&rest)
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = dropDigits(&rest)
        }
        guard whole + fraction > 0 else { return false }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if let sign = rest.first, isSign(sign) { rest = rest.dropFirst() }
            guard dropDigits(&rest) > 0 else { return false }
        }
        return rest.isEmpty
    }

    private static func isSign(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }

    private static func dropDigits(_ rest: inout Substring.UTF8View) -> Int {
        let isDigit = UInt8(ascii: "0")...UInt8(ascii: "9")
        let count = rest.prefix { isDigit.contains($0) }.count
        rest = rest.dropFirst(count)
        return count
    }
}
