import FurrowConfiguration
import FurrowSystem

/// One value of a results table.
///
/// A number written differently than in Swift (`0.10`, `007`, `1e3`, `0x2a`) keeps its text, so
/// that a table shows exactly what the command got or printed.
package enum Cell: Sendable, Hashable {
    /// No value: the job has no such parameter or metric.
    case empty
    /// `true` or `false`.
    case boolean(Bool)
    /// A whole number in plain decimal form.
    case integer(Int)
    /// Any other number, NaN and infinity included.
    case number(Double, written: String)
    /// Anything else.
    case text(String)

    /// A value from a command's output or a file. Nothing is ``empty``; numbers (`nan` and `inf`
    /// too) are numbers; `true` and `false` are Booleans; all else is text.
    package init(text: String) {
        self =
            switch text {
            case "": .empty
            case "true": .boolean(true)
            case "false": .boolean(false)
            default: Self.number(text) ?? Self.notFinite(text) ?? .text(text)
            }
    }

    /// The value as written; no text for ``empty``.
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

    /// Whether this is no NaN and no infinity, for which JSON has no number.
    package var isFinite: Bool {
        if case .number(let value, _) = self { value.isFinite } else { true }
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

    /// NaN or infinity as written by Python, C and YAML.
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
