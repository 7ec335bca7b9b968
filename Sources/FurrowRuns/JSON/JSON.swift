import FurrowSystem

/// A JSON value as it was written: members in their order, numbers in their own digits.
///
/// Foundation's decoder gives neither: it sorts members by chance and makes `0.10` a `Double`.
package enum JSON: Sendable, Hashable {
    /// A name and its value.
    package struct Member: Sendable, Hashable {
        package var name: String
        package var value: JSON

        package init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    case null
    case boolean(Bool)
    /// The digits as they were written.
    case number(String)
    case text(String)
    case array([JSON])
    case object([Member])

    /// A value of an object; `nil` where it has none of that name, and for what is no object.
    package subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// Whether this is one value, and no list or object.
    package var isScalar: Bool {
        switch self {
        case .null, .boolean, .number, .text: true
        case .array, .object: false
        }
    }
}

extension JSON: CustomStringConvertible {
    /// The value in one line.
    package var description: String {
        switch self {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .number(let digits): digits
        case .text(let text): JSONString.encode(text)
        case .array(let elements): "[" + elements.map(\.description).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { "\(JSONString.encode($0.name)):\($0.value)" }.joined(separator: ",")
                + "}"
        }
    }
}

extension JSON {
    /// Text that is no JSON.
    package struct SyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
        /// Where, in bytes from the start.
        package let offset: Int
        package let description: String
    }

    /// Reads one value.
    ///
    /// - Parameter bytes: the whole text, in UTF-8.
    /// - Throws: ``SyntaxError``.
    package init(parsing bytes: some Collection<UInt8>) throws(SyntaxError) {
        var reader = JSONReader(Array(bytes))
        self = try reader.value()
        try reader.end()
    }

    /// What this value and those in it are called, with dots in between, and what they are: an
    /// object's members one by one, a list as a whole.
    ///
    /// - Parameter prefix: what the value itself is called; empty for one whose members are named.
    package func flattened(under prefix: String = "") -> [Member] {
        guard case .object(let members) = self, !members.isEmpty || prefix.isEmpty else {
            return [Member(prefix, self)]
        }
        return members.flatMap { member in
            member.value.flattened(under: prefix.isEmpty ? member.name : "\(prefix).\(member.name)")
        }
    }
}
