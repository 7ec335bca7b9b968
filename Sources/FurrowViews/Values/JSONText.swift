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
        let parts = written.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, written.utf8.count <= 16 else { return false }
        let whole = parts[0].drop { $0 == "-" }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let isPlain = (whole + parts[1]).utf8.allSatisfy(digits.contains)
        let hasZeros = parts[1].last == "0" || (whole.first == "0" && whole.count > 1)
        return isPlain && !hasZeros && !whole.isEmpty && !parts[1].isEmpty
            && parts[0].count - whole.count <= 1
    }
}
