import FurrowRuns
import Testing

@testable import FurrowSweeps

@Suite struct ResultsFormatTests {
    private let table = ResultsTable(
        columns: ["model|x", "lr", "note"],
        rows: [
            [.text("a\"b"), Cell(text: "0.10"), .text("one\r\ntwo\nthree\rfour")],
            [.text(#"c\|d*e"#), Cell(text: "nan"), .text("\u{1B}[31m")],
            [.text(",é"), .empty, .empty],
        ]
    )

    private func written(_ table: ResultsTable, _ format: ResultsFormat) -> String {
        var text = ""
        table.write(as: format) { text += $0 }
        return text
    }

    @Test func aTableShowsControlCharactersInsteadOfObeyingThem() {
        #expect(
            written(table, .table) == #"""
                model|x    lr  note
                a"b      0.10  one\r\ntwo\nthree\rfour
                c\|d*e    nan  \u{1B}[31m
                ,é

                """#
        )
    }

    @Test func csvQuotesWhatItMust() {
        #expect(
            written(table, .csv)
                == "model|x,lr,note\n\"a\"\"b\",0.10,\"one\r\ntwo\nthree\rfour\"\n"
                + "c\\|d*e,nan,\u{1B}[31m\n\",é\",,\n"
        )
        let single = ResultsTable(columns: ["x"], rows: [[.empty], [.integer(1)]])
        #expect(written(single, .csv) == "x\n\"\"\n1\n")
    }

    @Test func jsonIsTypedAndInColumnOrder() {
        #expect(
            written(table, .json) == #"""
                [
                  {"model|x": "a\"b", "lr": 0.10, "note": "one\r\ntwo\nthree\rfour"},
                  {"model|x": "c\\|d*e", "lr": null, "note": "\u001b[31m"},
                  {"model|x": ",é", "lr": null, "note": null}
                ]

                """#
        )
        #expect(written(ResultsTable(columns: ["x"]), .json) == "[]\n")
    }

    @Test func markdownKeepsARowInOneLine() {
        #expect(
            written(table, .markdown) == #"""
                | model\|x | lr | note |
                | --- | ---: | --- |
                | a"b | 0.10 | one<br>two<br>three<br>four |
                | c\\\|d\*e | nan | \#u{1B}[31m |
                | ,é |  |  |

                """#
        )
        let accented = ResultsTable(columns: ["x"], rows: [[.text("|\u{301}")]])
        #expect(written(accented, .markdown).unicodeScalars.contains("\\"))
    }

    @Test func aColumnWithoutNumbersIsNotRightAligned() {
        let table = ResultsTable(
            columns: ["none", "mixed", "flag"],
            rows: [[.empty, .integer(1), .boolean(true)], [.empty, .text("1"), .boolean(false)]]
        )
        #expect(written(table, .markdown).contains("| --- | --- | --- |"))
    }

    @Test func longTablesAreWrittenInPieces() {
        let rows = (0..<1000).map { [Cell.integer($0)] }
        let table = ResultsTable(columns: ["x"], rows: rows)
        for format in [ResultsFormat.csv, .json, .markdown] {
            var pieces = 0
            var longest = 0
            table.write(as: format) { piece in
                pieces += 1
                longest = max(longest, piece.count)
            }
            #expect(pieces > 1000 && longest < 40)
        }
    }

    @Test func anErrorOfTheWriterEndsIt() {
        struct Full: Error {}
        var pieces = 0
        #expect(throws: Full.self) {
            try table.write(as: .csv) { _ in
                pieces += 1
                if pieces == 2 { throw Full() }
            }
        }
        #expect(pieces == 2)
    }
}
