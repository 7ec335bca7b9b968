import Foundation
import FurrowSystem

/// Types of Foundation and of the standard library that people write as one word, and that `Codable`
/// takes apart.
extension DecodingNode {
    /// The value, if it is of such a type and written so.
    ///
    /// - Returns: `nil` for other types, and for values in the form of `Codable`.
    /// - Throws: a ``ConfigurationError`` if the word is not one of that type.
    func wordedValue<T>(as type: T.Type) throws(ConfigurationError) -> T? {
        guard let scalar = value.scalar, scalar.kind != .null, let read = Word(type) else {
            return nil
        }
        // A number is what `Codable` makes of a date.
        if type is Date.Type, scalar.kind == .integer || scalar.kind == .float { return nil }
        guard let result = read.parse(scalar.text) as? T else {
            throw mismatch(ScalarMismatch(value, expected: read.form), value, path: path)
        }
        return result
    }
}

/// How a type is written as one word, and how that is read.
struct Word {
    let form: String
    let parse: (String) -> Any?

    /// How a type is written; `nil` for one that is not written as a word.
    init?(_ type: Any.Type) {
        switch type {
        case is URL.Type: self.init("a URL, for example https://example.com") { URL(string: $0) }
        case is Decimal.Type:
            self.init("a number") { Decimal(string: $0, locale: Locale(identifier: "C")) }
        case is Date.Type:
            self.init("a date, for example 2026-01-31 or 2026-01-31T18:30:00Z", Self.date)
        case is Data.Type: self.init("Base64 text") { Data(base64Encoded: $0) }
        case is Duration.Type:
            self.init("a duration, for example 90s or 2h") { TimeSpan(argument: $0)?.duration }
        default: return nil
        }
    }

    private init(_ form: String, _ parse: @escaping (String) -> Any?) {
        self.form = form
        self.parse = parse
    }

    /// A day, or a moment in the form of ISO 8601; without a zone in UTC.
    private static func date(_ text: String) -> Date? {
        let utc = TimeZone(secondsFromGMT: 0) ?? .gmt
        let day = Date.ISO8601FormatStyle(timeZone: utc).year().month().day()
        let moment = day.time(includingFractionalSeconds: false)
        let styles = [
            day, moment, day.time(includingFractionalSeconds: true),
            moment.timeZone(separator: .colon),
            day.time(includingFractionalSeconds: true).timeZone(separator: .colon),
        ]
        // Styles read the front of a text that goes on.
        return styles.lazy.compactMap { style -> Date? in
            guard let date = try? style.parse(text), style.format(date).count <= text.count else {
                return nil
            }
            return date
        }.last
    }
}
