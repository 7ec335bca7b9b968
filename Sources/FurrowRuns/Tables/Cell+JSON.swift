import FurrowConfiguration
import FurrowSystem

extension Cell {
    /// A value of a record; lists and objects become their text, and the texts that stand for NaN
    /// and infinities numbers.
    package init(_ value: JSON) {
        self =
            switch value {
            case .null: .empty
            case .boolean(let value): .boolean(value)
            case .number(let digits): Self.number(digits) ?? .text(digits)
            case .text(let text):
                ["nan", "inf", "-inf"].contains(text)
                    ? Self.notFinite(text) ?? .text(text) : .text(text)
            case .array, .object: .text(value.description)
            }
    }

    /// The value in JSON; NaN and infinities, which JSON lacks, become `"NaN"`, `"Infinity"` or
    /// `"-Infinity"`.
    package var json: String {
        switch self {
        case .empty: return "null"
        case .boolean, .integer: return text
        case .text(let text): return JSONString.encode(text)
        case .number(let value, let written):
            if value.isNaN { return "\"NaN\"" }
            if value.isInfinite { return value < 0 ? "\"-Infinity\"" : "\"Infinity\"" }
            if Self.isJSONNumber(written) { return written }
            return Int(exactly: value).map(String.init) ?? "\(value)"
        }
    }

    /// JSON is stricter than YAML: no `+`, no leading zeros, no `0x`, digits on both sides of a
    /// point.
    private static func isJSONNumber(_ text: String) -> Bool {
        let kind = ConfigurationScalar.kind(ofPlain: text)
        guard kind == .integer || kind == .float else { return false }
        let isDigit = UInt8(ascii: "0")...UInt8(ascii: "9")
        var bytes = text.utf8[...]
        if bytes.first == UInt8(ascii: "-") { bytes.removeFirst() }
        guard let first = bytes.popFirst(), isDigit.contains(first) else { return false }
        if first == UInt8(ascii: "0"), let next = bytes.first,
            ![UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(next)
        {
            return false
        }
        guard let point = bytes.firstIndex(of: UInt8(ascii: ".")) else { return true }
        return bytes[point...].dropFirst().first.map(isDigit.contains) ?? false
    }
}
