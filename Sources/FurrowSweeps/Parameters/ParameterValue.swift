import FurrowConfiguration
import FurrowRuns
import FurrowSystem

/// One value of a parameter: its bytes in a command, and its kind.
package struct ParameterValue: Sendable, Hashable, Codable {
    /// The kind of a value.
    package enum Kind: UInt8, Sendable, Codable {
        /// Nothing.
        case null
        /// `true` or `false`.
        case boolean
        /// A whole number.
        case integer
        /// Any other number.
        case float
        /// Text.
        case text
        /// A list, in JSON.
        case json
    }

    /// The bytes used in a command: `0.10` stays `0.10`. They need not be UTF-8.
    package let bytes: [UInt8]
    /// Its kind.
    package let kind: Kind

    /// - Parameters:
    ///   - bytes: the bytes used in a command.
    ///   - kind: its kind.
    package init(_ bytes: [UInt8], _ kind: Kind = .text) {
        self.bytes = bytes
        self.kind = kind
    }

    /// A plain (unquoted) word, of the kind it has in YAML.
    package init(plain word: String) {
        self.init(ConfigurationScalar(plain: word))
    }

    init(_ scalar: ConfigurationScalar) {
        bytes = Array(scalar.text.utf8)
        kind =
            switch scalar.kind {
            case .null: .null
            case .boolean: .boolean
            case .integer: .integer
            case .float: .float
            case .text: .text
            }
    }

    /// As text; invalid UTF-8 is replaced.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// As a JSON value. Numbers that JSON lacks (`.inf`, `.nan`) become text.
    package var json: String {
        switch kind {
        case .null: return "null"
        case .boolean: return text.lowercased()
        case .json: return text
        case .text: return JSONString.encode(text)
        case .integer, .float: return (Cell.number(text) ?? .text(text)).json
        }
    }
}
