import FurrowSystem

/// Reads JSON (RFC 8259) from the front, value by value. Unwanted values are skipped, not stored.
package struct JSONReader {
    /// The most levels of lists and objects, as in Foundation's decoder.
    private static let mostLevels = 512

    private let bytes: [UInt8]
    private let isLenient: Bool
    /// The next byte.
    package private(set) var position: Int
    private var level = 0

    /// - Parameters:
    ///   - bytes: the text, in UTF-8.
    ///   - start: the start, in bytes.
    ///   - isLenient: also reads what Python writes and JSON lacks. `NaN` and `Infinity` become the
    ///     texts that stand for them in a journal, half of a surrogate pair becomes U+FFFD.
    package init(_ bytes: [UInt8], from start: Int = 0, isLenient: Bool = false) {
        self.bytes = bytes
        self.isLenient = isLenient
        position = start
    }

    /// Reads a value.
    package mutating func value() throws(JSON.SyntaxError) -> JSON {
        switch try next() {
        case UInt8(ascii: "{"):
            var members: [JSON.Member] = []
            try object { (name, reader) throws(JSON.SyntaxError) in
                members.append(JSON.Member(name, try reader.value()))
                return true
            }
            return .object(members)
        case UInt8(ascii: "["):
            var elements: [JSON] = []
            try array { (reader) throws(JSON.SyntaxError) in elements.append(try reader.value()) }
            return .array(elements)
        case UInt8(ascii: "\""):
            return .text(try string())
        case UInt8(ascii: "t"):
            try word("true")
            return .boolean(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .boolean(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        default:
            if isLenient, let number = takeNotFinite() { return JSON(number) }
            return .number(try number())
        }
    }

    private mutating func takeNotFinite() -> Double? {
        let names: [(StaticString, Double)] = [
            ("NaN", .nan), ("Infinity", .infinity), ("-Infinity", -.infinity),
        ]
        for (name, number) in names where (try? word(name)) != nil { return number }
        return nil
    }

    /// Skips a value.
    package mutating func skip() throws(JSON.SyntaxError) {
        switch try next() {
        case UInt8(ascii: "{"):
            try object { (_, reader) throws(JSON.SyntaxError) in
                try reader.skip()
                return true
            }
        case UInt8(ascii: "["):
            try array { (reader) throws(JSON.SyntaxError) in try reader.skip() }
        case UInt8(ascii: "\""):
            _ = try string()
        default:
            _ = try value()
        }
    }

    /// Reads an object.
    ///
    /// - Parameter member: called with each name; reads the value, and returns whether to continue.
    ///   If not, the reader stays there.
    package mutating func object(
        _ member: (String, inout JSONReader) throws(JSON.SyntaxError) -> Bool
    ) throws(JSON.SyntaxError) {
        try open("{")
        if try closes("}") { return }
        repeat {
            guard try next() == UInt8(ascii: "\"") else { throw error("a name must be in quotes") }
            let name = try string()
            guard try next() == UInt8(ascii: ":") else { throw error("':' must follow a name") }
            position += 1
            guard try member(name, &self) else { return }
        } while try goesOn("}")
    }

    /// Moves from a value of an object to the next member.
    ///
    /// - Returns: whether that is the wanted member; the reader is then in front of its value.
    package mutating func nextMember(is name: String) throws(JSON.SyntaxError) -> Bool {
        guard try next() == UInt8(ascii: ",") else { return false }
        position += 1
        guard try next() == UInt8(ascii: "\""), try string() == name else { return false }
        guard try next() == UInt8(ascii: ":") else { throw error("':' must follow a name") }
        position += 1
        return true
    }

    /// Checks that an object ends here, and the text with it.
    package mutating func endObject() throws(JSON.SyntaxError) {
        guard try next() == UInt8(ascii: "}") else { throw error("expected '}'") }
        position += 1
        try end()
    }

    private mutating func array(
        _ element: (inout JSONReader) throws(JSON.SyntaxError) -> Void
    ) throws(JSON.SyntaxError) {
        try open("[")
        if try closes("]") { return }
        repeat { try element(&self) } while try goesOn("]")
    }

    /// Checks that only whitespace follows.
    package mutating func end() throws(JSON.SyntaxError) {
        skipSpace()
        guard position == bytes.count else { throw error("text follows the value") }
    }

    // MARK: Parts

    private mutating func open(_ bracket: Unicode.Scalar) throws(JSON.SyntaxError) {
        guard try next() == UInt8(ascii: bracket) else { throw error("expected '\(bracket)'") }
        level += 1
        guard level <= Self.mostLevels else {
            throw error("nested more than \(Self.mostLevels) levels deep")
        }
        position += 1
    }

    private mutating func closes(_ bracket: Unicode.Scalar) throws(JSON.SyntaxError) -> Bool {
        guard try next() == UInt8(ascii: bracket) else { return false }
        position += 1
        level -= 1
        return true
    }

    private mutating func goesOn(_ bracket: Unicode.Scalar) throws(JSON.SyntaxError) -> Bool {
        if try closes(bracket) { return false }
        guard bytes[position] == UInt8(ascii: ",") else {
            throw error("expected ',' or '\(bracket)'")
        }
        position += 1
        return true
    }

    /// The next byte that is not whitespace; it is not consumed.
    private mutating func next() throws(JSON.SyntaxError) -> UInt8 {
        skipSpace()
        guard position < bytes.count else { throw error("the text ends too early") }
        return bytes[position]
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
                position += 1
            default: return
            }
        }
    }

    private mutating func word(_ word: StaticString) throws(JSON.SyntaxError) {
        let matches = word.withUTF8Buffer { word in
            bytes[position...].starts(with: word)
        }
        guard matches else { throw error("expected a value") }
        position += word.utf8CodeUnitCount
    }

    private mutating func string() throws(JSON.SyntaxError) -> String {
        position += 1
        var text: String?
        var start = position
        var isASCII = true
        func piece(_ end: Int) throws(JSON.SyntaxError) -> String {
            let piece: String? = bytes.withUnsafeBufferPointer {
                let piece = UnsafeBufferPointer(rebasing: $0[start..<end])
                // Most texts are ASCII, which is always valid.
                return isASCII
                    ? String(decoding: piece, as: UTF8.self)
                    : String(validating: piece, as: UTF8.self)
            }
            guard let piece else { throw error("text must be UTF-8") }
            return piece
        }
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let rest = try piece(position)
                position += 1
                return text.map { $0 + rest } ?? rest
            case UInt8(ascii: "\\"):
                text = try (text ?? "") + piece(position)
                position += 1
                text?.unicodeScalars.append(try escape())
                start = position
            case 0..<0x20:
                throw error("a control character must be written with a backslash")
            case let byte:
                if byte >= 0x80 { isASCII = false }
                position += 1
            }
        }
        throw error("a text has no closing quote")
    }

    private mutating func escape() throws(JSON.SyntaxError) -> Unicode.Scalar {
        // The longest escape: two surrogates, \uD83D\uDE00 after the first backslash.
        let ahead = bytes[position...].prefix(11)
        let text = Substring(decoding: ahead, as: UTF8.self).unicodeScalars
        var rest = text
        let before = rest.count
        guard let scalar = JSONString.escape(&rest) else {
            // `\ud800` alone: Python writes text that it could not decode so.
            let digits = text.dropFirst().prefix(4)
            guard isLenient, text.first == "u", digits.count == 4,
                digits.allSatisfy(\.properties.isASCIIHexDigit)
            else { throw error("unknown escape") }
            position += 5
            return "\u{FFFD}"
        }
        // An escape is ASCII: one scalar per byte.
        position += before - rest.count
        return scalar
    }

    private mutating func number() throws(JSON.SyntaxError) -> String {
        let start = position
        func digits() throws(JSON.SyntaxError) {
            let first = position
            while position < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[position] {
                position += 1
            }
            guard position > first else { throw error("expected a value") }
        }
        func takes(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
            guard position < bytes.count,
                bytes[position] == UInt8(ascii: first) || bytes[position] == UInt8(ascii: second)
            else { return false }
            position += 1
            return true
        }
        _ = takes("-", "-")
        let whole = position
        try digits()
        if bytes[whole] == UInt8(ascii: "0"), position > whole + 1 {
            throw error("a number must not begin with 0")
        }
        if takes(".", ".") { try digits() }
        if takes("e", "E") {
            _ = takes("+", "-")
            try digits()
        }
        return bytes.withUnsafeBufferPointer {
            String(decoding: UnsafeBufferPointer(rebasing: $0[start..<position]), as: UTF8.self)
        }
    }

    private func error(_ problem: String) -> JSON.SyntaxError {
        JSON.SyntaxError(offset: position, description: problem)
    }
}
