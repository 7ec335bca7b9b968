import FurrowSystem

/// A JSON value as written: members in their order, numbers with their own digits.
///
/// Foundation's decoder keeps neither: its order of members is random, and `0.10` becomes a
/// `Double`.
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
    /// The digits as written.
    case number(String)
    case text(String)
    case array([JSON])
    case object([Member])

    /// A value of an object; `nil` if it has none of that name, or if this is not an object.
    package subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// A number, in the digits that JSON's encoder gives it; NaN and infinities as the texts `nan`,
    /// `inf` and `-inf`.
    package init(_ number: Double) {
        let digits = "\(number)"
        self =
            number.isFinite
            ? .number(digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits) : .text(digits)
    }

    /// A number of a text in its own digits; `nil` for a text that is not a JSON number.
    package init?(number text: String) {
        guard case .number? = try? JSON(parsing: text.utf8) else { return nil }
        self = .number(text)
    }

    /// A whole number; `nil` for any other value.
    package var integer: Int? {
        guard case .number(let digits) = self else { return nil }
        return Int(digits)
    }

    /// A number; `nil` for any other value.
    package var double: Double? {
        guard case .number(let digits) = self else { return nil }
        return Double(digits)
    }

    /// Whether this is a single value, not a list or an object.
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
    /// Text that is not JSON.
    package struct SyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
        /// The position, in bytes from the start.
        package let offset: Int
        package let description: String
    }

    /// Reads one value.
    ///
    /// - Parameters:
    ///   - bytes: the whole text, in UTF-8.
    ///   - isLenient: also reads what Python writes and JSON lacks, see ``JSONReader``.
    /// - Throws: ``SyntaxError``.
    package init(
        parsing bytes: some Collection<UInt8>,
        isLenient: Bool = false
    ) throws(SyntaxError) {
        var reader = JSONReader(Array(bytes), isLenient: isLenient)
        self = try reader.value()
        try reader.end()
    }

    /// The value and its inner values with their full names, joined by dots: an object's members
    /// one by one, a list as a whole.
    ///
    /// - Parameter prefix: the name of the value itself; empty for none.
    package func flattened(under prefix: String = "") -> [Member] {
        guard case .object(let members) = self, !members.isEmpty || prefix.isEmpty else {
            return [Member(prefix, self)]
        }
        return members.flatMap { member in
            member.value.flattened(under: prefix.isEmpty ? member.name : "\(prefix).\(member.name)")
        }
    }
}
