import FurrowRuns
import Testing

@testable import FurrowSweeps

@Suite struct CellTests {
    @Test(arguments: [
        ("", Cell.empty), ("42", .integer(42)), ("-7", .integer(-7)), ("true", .boolean(true)),
        ("0.10", .number(0.1, written: "0.10")), ("007", .number(7, written: "007")),
        ("+5", .number(5, written: "+5")), ("-0", .number(0, written: "-0")),
        ("0x2a", .number(42, written: "0x2a")), ("0o17", .number(15, written: "0o17")),
        ("5.", .number(5, written: "5.")), (".5", .number(0.5, written: ".5")),
        ("1e3", .number(1000, written: "1e3")), ("-inf", .number(-.infinity, written: "-inf")),
        ("9223372036854775808", .number(0x1p63, written: "9223372036854775808")),
        ("True", .text("True")), ("null", .text("null")), ("~", .text("~")), ("-", .text("-")),
        ("1_000", .text("1_000")), ("1.2.3", .text("1.2.3")), (" 5", .text(" 5")),
        ("0x", .text("0x")), ("5 ", .text("5 ")), ("1e", .text("1e")), ("٣", .text("٣")),
    ])
    func textIsGivenAKind(text: String, cell: Cell) {
        #expect(Cell(text: text) == cell)
        #expect(cell.text == text)
    }

    @Test(arguments: ["nan", "NaN", "-nan", ".nan"])
    func notANumberIsANumber(text: String) {
        guard case .number(let value, let written) = Cell(text: text) else {
            Issue.record("\(text) is no number")
            return
        }
        #expect(value.isNaN && written == text)
    }

    @Test(arguments: [
        ("0.10", "0.10"), ("007", "7"), ("+5", "5"), ("0x2a", "42"), (".5", "0.5"), ("5.", "5"),
        ("1E+3", "1E+3"), ("-.5e-3", "-0.0005"), ("nan", "\"NaN\""), ("inf", "\"Infinity\""),
        ("-.inf", "\"-Infinity\""), ("1e999", "\"Infinity\""), ("", "null"), ("true", "true"),
        ("0.0", "0.0"), ("-0", "-0"), ("0e5", "0e5"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
    ])
    func jsonIsWritten(text: String, json: String) {
        #expect(Cell(text: text).json == json)
    }

    @Test func jsonStringsAreEscaped() {
        // A quote with an accent on it is one `Character`, and still a quote in JSON.
        let text = "a\"\\\r\n\t\u{1}é\"\u{301}"
        #expect(Cell.text(text).json == #""a\"\\\r\n\t\u0001é\""# + "\u{301}\"")
        #expect(Cell.number(0.5, written: "half").json == "0.5")
    }
}
