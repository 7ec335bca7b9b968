import Testing

@testable import FurrowSweeps

/// The rows of RFC 4180, and what is none of them.
@Suite struct CSVRowsTests {
    private func cells(_ text: String) throws -> [[String]] {
        let rows = try CSVRows(Array(text.utf8))
        return [rows.header] + rows.rows.map { $0.map(\.text) }
    }

    @Test(arguments: [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]), ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
        ("\u{FEFF}a\nx\n", [["a"], ["x"]]), ("a\n\n\nx\n", [["a"], ["x"]]),
        ("a,b\n,\n", [["a", "b"], ["", ""]]),
        ("a,b\n\"x, \"\"y\"\"\",\"line\nfeed\"\n", [["a", "b"], ["x, \"y\"", "line\nfeed"]]),
        ("a\n\"\"\n", [["a"], [""]]), ("a\nx\"y\n", [["a"], ["x\"y"]]),
    ])
    func rowsAreRead(text: String, expected: [[String]]) throws {
        #expect(try cells(text) == expected)
    }

    @Test(arguments: [
        ("", "no header"), ("\n\n", "no header"), ("a,a\n", "the same name"),
        ("a,b\n1\n", "row 1 has 1 values"), ("a\n1\n1,2\n", "row 2 has 2 values"),
        ("a\n\"x\n", "not closed"), ("a;b\n1;2\n", "with semicolons in it"),
        ("a\tb\n1\t2\n", "with tabs in it"),
    ])
    func whatIsNoTableIsRefused(text: String, problem: String) {
        let error = #expect(throws: CSVRows.Malformed.self) { try CSVRows(Array(text.utf8)) }
        #expect(error?.description.contains(problem) == true)
    }

    @Test func quotedValuesAreTextAndOthersWhatTheyAre() throws {
        let rows = try CSVRows(Array("a,b,c\n007,\"7\",7\n".utf8)).rows
        #expect(rows[0].map(\.kind) == [ParameterValue(plain: "007").kind, .text, .integer])
    }

    @Test func tabsSeparateInATableOfTabs() throws {
        let text = "a\t\"b c\"\n1\t\"x\ty\"\n,\t2\n"
        let table = try CSVRows(Array(text.utf8), separatedBy: UInt8(ascii: "\t"))
        #expect(table.header == ["a", "b c"])
        #expect(table.rows.map { $0.map(\.text) } == [["1", "x\ty"], [",", "2"]])
        #expect(try CSVRows(Array("\"a,b\"\n1\n".utf8)).header == ["a,b"])
    }

    @Test func bytesStayAsTheyAre() throws {
        let rows = try CSVRows(Array("a\n".utf8) + [0xFF, 0xFE, 0x0A]).rows
        #expect(rows.map { $0.map(\.bytes) } == [[[0xFF, 0xFE]]])
    }
}
