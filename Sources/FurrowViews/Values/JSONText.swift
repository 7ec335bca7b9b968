import FurrowRuns
import FurrowSystem

/// Values for charts and traces, as JSON.
enum JSONText {
    static func text(_ text: String) -> String { JSONString.encode(text) }

    static func text(_ text: String?) -> String { text.map { JSONString.encode($0) } ?? "null" }

    /// A number with as many digits as a chart can show.
    static func number(_ value: Double, digits: Int = 3) -> String {
        guard value.isFinite else { return "null" }
        var text = rounded(value, digits)
        if text.contains(".") {
            while text.last == "0" { text.removeLast() }
            if text.last == "." { text.removeLast() }
        }
        return text
    }

    static func list(_ members: [String]) -> String { "[\(members.joined(separator: ","))]" }

    static func list(_ numbers: [Int]) -> String { list(numbers.map(String.init)) }

    static func object(_ members: KeyValuePairs<String, String>) -> String {
        "{" + members.map { "\(JSONString.encode($0)):\($1)" }.joined(separator: ",") + "}"
    }

    /// A cell of a table: as a number if a browser shows that with the same digits, else as text.
    static func cell(_ cell: Cell) -> String {
        switch cell {
        case .empty: "null"
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value):
            value.magnitude < 1 << 53 ? String(value) : text(String(value))
        case .number(let value, let written):
            isShownAlike(value, written) ? written : text(written)
        case .text(let text): self.text(text)
        }
    }

    private static func isShownAlike(_ value: Double, _ written: String) -> Bool {
        guard value.isFinite, value.magnitude >= 1e-6, value.magnitude < 1e15 else { return false }
        var written = written
        return written.withUTF8 { bytes in
            guard bytes.count <= 16 else { return false }
            let start = bytes.first == UInt8(ascii: "-") ? 1 : 0
            guard let point = bytes.firstIndex(of: UInt8(ascii: ".")), point > start,
                point + 1 < bytes.count
            else { return false }
            let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
            let isPlain = bytes.indices.dropFirst(start).allSatisfy {
                $0 == point || digits.contains(bytes[$0])
            }
            let zero = UInt8(ascii: "0")
            let hasZeros = bytes.last == zero || (bytes[start] == zero && point > start + 1)
            return isPlain && !hasZeros
        }
    }
}
