import FurrowConfiguration
import FurrowSystem

/// One value of a results table.
///
/// A number that was written differently from how Swift writes it (`0.10`, `007`, `1e3`, `0x2a`)
/// keeps its text, so that a table shows what the command was given or said.
package enum Cell: Sendable, Hashable {
    /// No value: the job has no such parameter or metric.
    case empty
    /// `true` or `false`.
    case boolean(Bool)
    /// A whole number that is written in plain decimal.
    case integer(Int)
    /// Any other number, NaN and infinity included.
    case number(Double, written: String)
    /// Anything else.
    case text(String)

    /// A value that a command printed or a file holds: nothing is ``empty``, what reads as a number
    /// (`nan` and `inf` too) is one, `true` and `false` are Booleans, and all else is text.
    package init(text: String) {
        self =
            switch text {
            case "": .empty
            case "true": .boolean(true)
            case "false": .boolean(false)
            default: Self.number(text) ?? Self.notFinite(text) ?? .text(text)
            }
    }

    /// The value as it was written; nothing for ``empty``.
    package var text: String {
        switch self {
        case .empty: ""
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(_, let written): written
        case .text(let text): text
        }
    }

    /// Whether this is a number.
    package var isNumeric: Bool {
        switch self {
        case .integer, .number: true
        case .empty, .boolean, .text: false
        }
    }

    package static func number(_ text: String) -> Cell? {
        let kind = ConfigurationScalar.kind(ofPlain: text)
        guard kind == .integer || kind == .float else { return nil }
        let whole =
            if text.hasPrefix("0x") {
                Int(text.dropFirst(2), radix: 16)
            } else if text.hasPrefix("0o") {
                Int(text.dropFirst(2), radix: 8)
            } else {
                Int(text)
            }
        if let whole {
            return String(whole) == text
                ? .integer(whole) : .number(Double(whole), written: text)
        }
        return Double(text).map { .number($0, written: text) } ?? notFinite(text)
    }

    /// As Python, C and YAML write it.
    package static func notFinite(_ text: String) -> Cell? {
        var name = text.lowercased()[...]
        let isNegative = name.first == "-"
        if isNegative || name.first == "+" { name.removeFirst() }
        switch name {
        case "nan", ".nan": return .number(.nan, written: text)
        case "inf", ".inf", "infinity":
            return .number(isNegative ? -.infinity : .infinity, written: text)
        default: return nil
        }
    }
}
