import FurrowSystem

/// Why a value cannot be read as a type.
struct ScalarMismatch: Error {
    /// What is wrong, to follow the name of the value.
    let problem: String
    /// What to do about it.
    let remedy: String?

    /// A mismatch with a message of its own.
    init(problem: String, remedy: String? = nil) {
        self.problem = problem
        self.remedy = remedy
    }

    /// A value that is not of the expected kind.
    init(_ value: ConfigurationValue, expected: String, remedy: String? = nil) {
        self.init(
            problem: "must be \(expected), but is \(value.shape)",
            remedy: remedy ?? Self.axis(meantBy: value)
        )
    }

    /// What to write for a mapping in which one of them is misspelt, `{gird: [1, 2]}`, or has a value
    /// of another form, `{range: [0, 5]}`.
    private static func axis(meantBy value: ConfigurationValue) -> String? {
        let examples = AxisExamples.texts
        guard let entries = value.entries, entries.count == 1,
            let nearest = NearestName.nearest(to: entries[0].key, among: [Grid.key] + examples.keys)
        else { return nil }
        if nearest != entries[0].key { return "did you mean '\(nearest)'?" }
        return entries[0].value.entries == nil ? examples[nearest].map { "for example \($0)" } : nil
    }
}

/// A type that is read from a single scalar.
protocol ScalarReadable {
    /// Reads a value.
    ///
    /// - Parameter value: The value.
    /// - Returns: The value read.
    /// - Throws: Why it cannot be read as this type.
    static func read(_ value: ConfigurationValue) throws(ScalarMismatch) -> Self

    /// What is read.
    static var shape: ConfigurationShape { get }

    /// Some values to decode types from, those first that most types accept.
    static var samples: [Self] { get }
}

extension Bool: ScalarReadable {
    static var shape: ConfigurationShape { .boolean }
    static var samples: [Bool] { [true, false] }

    static func read(_ value: ConfigurationValue) throws(ScalarMismatch) -> Bool {
        if let scalar = value.scalar, scalar.kind == .boolean,
            let result = ConfigurationScalar.boolean(scalar.text)
        {
            return result
        }
        let remedy: String? =
            switch value.scalar?.text.lowercased() {
            case "true", "yes", "on", "1", "y": "write true"
            case "false", "no", "off", "0", "n": "write false"
            default: nil
            }
        throw ScalarMismatch(value, expected: "true or false", remedy: remedy)
    }
}

extension String: ScalarReadable {
    static var shape: ConfigurationShape { .text }
    static var samples: [String] { ["a", "1", "8F9C1D0E-52A7-4B1C-9F3E-6D2A7B8C9D0E"] }

    static func read(_ value: ConfigurationValue) throws(ScalarMismatch) -> String {
        guard let scalar = value.scalar, scalar.kind != .null else {
            let word = value.scalar.map(\.text) ?? ""
            throw ScalarMismatch(
                value,
                expected: "text",
                remedy: word.isEmpty ? nil : "write it in quotes, \"\(word)\", if it is text"
            )
        }
        return scalar.text
    }
}

extension ScalarReadable where Self: FixedWidthInteger {
    static var shape: ConfigurationShape { .integer(least: "\(min)", most: "\(max)") }
    static var samples: [Self] { [1, 2, 100] }

    static func read(_ value: ConfigurationValue) throws(ScalarMismatch) -> Self {
        guard let scalar = value.scalar, scalar.kind == .integer else {
            throw ScalarMismatch(
                value,
                expected: "a whole number",
                remedy: remedy(value, for: .integer)
            )
        }
        let (digits, radix) = ConfigurationScalar.digits(of: scalar.text)
        guard let result = Self(digits, radix: radix) else {
            throw ScalarMismatch(value, expected: "a whole number from \(min) to \(max)")
        }
        return result
    }
}

extension Int: ScalarReadable {}
extension Int8: ScalarReadable {}
extension Int16: ScalarReadable {}
extension Int32: ScalarReadable {}
extension Int64: ScalarReadable {}
extension UInt: ScalarReadable {}
extension UInt8: ScalarReadable {}
extension UInt16: ScalarReadable {}
extension UInt32: ScalarReadable {}
extension UInt64: ScalarReadable {}
@available(macOS 15, iOS 18, tvOS 18, watchOS 11, visionOS 2, *)
extension Int128: ScalarReadable {}
@available(macOS 15, iOS 18, tvOS 18, watchOS 11, visionOS 2, *)
extension UInt128: ScalarReadable {}

extension ScalarReadable where Self: BinaryFloatingPoint & LosslessStringConvertible {
    static var shape: ConfigurationShape { .number }
    static var samples: [Self] { [1, 0.5, 100] }

    static func read(_ value: ConfigurationValue) throws(ScalarMismatch) -> Self {
        guard let scalar = value.scalar, scalar.kind == .float || scalar.kind == .integer else {
            throw ScalarMismatch(value, expected: "a number", remedy: remedy(value, for: .float))
        }
        switch scalar.text.lowercased() {
        case ".nan": return .nan
        case ".inf", "+.inf": return .infinity
        case "-.inf": return -.infinity
        default: break
        }
        let (digits, radix) = ConfigurationScalar.digits(of: scalar.text)
        let result = radix == 10 ? Self(scalar.text) : UInt64(digits, radix: radix).map { Self($0) }
        guard let result, result.isFinite else {
            throw ScalarMismatch(
                value,
                expected: "a number from \(-greatestFiniteMagnitude) to \(greatestFiniteMagnitude)"
            )
        }
        return result
    }
}

extension Double: ScalarReadable {}
extension Float: ScalarReadable {}

/// What to do about text in place of a number.
private func remedy(_ value: ConfigurationValue, for kind: ConfigurationScalar.Kind) -> String? {
    guard let scalar = value.scalar else { return nil }
    func suits(_ text: String) -> Bool {
        let found = ConfigurationScalar.kind(ofPlain: text)
        return found == .integer || found == .float && kind == .float
    }
    if scalar.isQuoted { return suits(scalar.text) ? "remove the quotes" : nil }
    let plain = scalar.text.filter { $0 != "_" }
    if plain != scalar.text, suits(plain) { return "write \(plain)" }
    if kind == .integer, scalar.kind == .float, let number = Double(scalar.text),
        let whole = Int(exactly: number)
    {
        return "write \(whole)"
    }
    return nil
}
