import FurrowSystem

/// A position in a configuration file.
public struct ConfigurationPosition: Sendable, Hashable, Comparable {
    /// The line, counted from 1.
    public let line: Int
    /// The column, counted from 1 in Unicode scalars.
    public let column: Int

    /// Makes a position.
    ///
    /// - Parameters:
    ///   - line: The line, counted from 1.
    ///   - column: The column, counted from 1.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Whether one position comes before another in the file.
    public static func < (first: Self, second: Self) -> Bool {
        (first.line, first.column) < (second.line, second.column)
    }
}

/// A value of a configuration file and its position.
///
/// A value repeated by an alias (`*name`) has the position of its text, at the anchor. Two values
/// are equal only if their positions are equal too; compare their ``description`` to ignore
/// positions.
public struct ConfigurationValue: Sendable, Hashable, CustomStringConvertible {
    /// A key of a mapping with its value.
    public struct Entry: Sendable, Hashable {
        /// The key.
        public let key: String
        /// The key's position.
        public let keyPosition: ConfigurationPosition
        /// The value.
        public let value: ConfigurationValue

        /// Pairs a key with a value.
        ///
        /// - Parameters:
        ///   - key: The key.
        ///   - keyPosition: The key's position.
        ///   - value: The value.
        public init(key: String, keyPosition: ConfigurationPosition, value: ConfigurationValue) {
            self.key = key
            self.keyPosition = keyPosition
            self.value = value
        }
    }

    /// The shapes a value can have.
    public enum Kind: Sendable, Hashable {
        /// A single value.
        case scalar(ConfigurationScalar)
        /// A list.
        case sequence([ConfigurationValue])
        /// Keys with values in the order of the file; no key appears twice.
        case mapping([Entry])
    }

    /// The value itself.
    public let kind: Kind
    /// Its position.
    public let position: ConfigurationPosition

    /// Makes a value.
    ///
    /// - Parameters:
    ///   - kind: The value itself.
    ///   - position: Its position.
    public init(_ kind: Kind, at position: ConfigurationPosition) {
        self.kind = kind
        self.position = position
    }

    /// The scalar, if it is one.
    public var scalar: ConfigurationScalar? {
        if case .scalar(let scalar) = kind { scalar } else { nil }
    }

    /// The elements, if it is a list.
    public var elements: [ConfigurationValue]? {
        if case .sequence(let elements) = kind { elements } else { nil }
    }

    /// The keys and values, if it is a mapping.
    public var entries: [Entry]? {
        if case .mapping(let entries) = kind { entries } else { nil }
    }

    /// The value of a key.
    ///
    /// - Parameter key: The key to look for.
    /// - Returns: Its value, or nil if this is not a mapping or has no such key.
    public subscript(key: String) -> ConfigurationValue? {
        entries?.first { $0.key == key }?.value
    }

    /// The value in flow style on one line; plain scalars as written, all other text in double
    /// quotes.
    public var description: String {
        switch kind {
        case .scalar(let scalar):
            if scalar.kind == .text {
                scalar.isQuoted || ConfigurationScalar.kind(ofPlain: scalar.text) != .text
                    ? JSONString.encode(scalar.text) : scalar.text
            } else {
                scalar.text.isEmpty ? "null" : scalar.text
            }
        case .sequence(let elements):
            "[" + elements.map(\.description).joined(separator: ", ") + "]"
        case .mapping(let entries):
            "{"
                + entries.map { "\(Self.key($0.key)): \($0.value)" }.joined(separator: ", ") + "}"
        }
    }

    private static func key(_ key: String) -> String {
        let isWord = key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isWord && ConfigurationScalar.kind(ofPlain: key) == .text
            ? key : JSONString.encode(key)
    }
}
