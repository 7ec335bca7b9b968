import FurrowRuns
import Testing

@testable import FurrowSweeps

@Suite struct ResultsTableTests {
    private func table(_ column: String, _ values: String...) -> ResultsTable {
        let rows = values.enumerated().map { [Cell.integer($0), Cell(text: $1)] }
        return ResultsTable(columns: ["job", column], rows: rows)
    }

    private func texts(_ table: ResultsTable) -> [String] { table.rows.map { $0[1].text } }

    @Test func numbersComeBeforeTextAndNothingComesLastInBothDirections() throws {
        let table = table("x", "", "b", "10", "nan", "a", "9", "", "true", "0.10", "-inf", "false")
        #expect(
            try texts(table.sorted(by: "x"))
                == ["-inf", "0.10", "9", "10", "nan", "false", "true", "a", "b", "", ""]
        )
        #expect(
            try texts(table.sorted(by: "-x"))
                == ["10", "9", "0.10", "-inf", "nan", "true", "false", "b", "a", "", ""]
        )
    }

    @Test(arguments: ["x", "-x"])
    func equalRowsStayInOrder(key: String) throws {
        var table = ResultsTable(columns: ["job", "x"])
        for job in 0..<200 {
            table.append([.integer(job), Cell(text: ["1", "1.0", "", "a", "nan", "1e0"][job % 6])])
        }
        let sorted = try table.sorted(by: key)
        let ones = sorted.rows.filter(\.[1].isNumeric).filter { $0[1].text != "nan" }
        #expect(ones.count == 101)
        for value in ["", "a", "nan"] {
            let jobs = sorted.rows.filter { $0[1].text == value }.map { Int($0[0].text) ?? -1 }
            #expect(jobs == jobs.sorted() && jobs.count >= 33)
        }
        let jobs = ones.map { Int($0[0].text) ?? -1 }
        #expect(jobs == jobs.sorted())
    }

    @Test func largeWholeNumbersSortExactly() throws {
        let table = table(
            "x",
            "9007199254740993",
            "9007199254740992.0",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "-9223372036854775809",
            "-1e300"
        )
        #expect(
            try texts(table.sorted(by: "x"))
                == [
                    "-1e300", "-9223372036854775808", "-9223372036854775809", "9007199254740992.0",
                    "9007199254740993", "9223372036854775807", "9223372036854775808",
                ]
        )
    }

    @Test func aColumnThatBeginsWithAMinusIsFound() throws {
        let table = ResultsTable(columns: ["-x"], rows: [[.integer(2)], [.integer(1)]])
        #expect(try table.sorted(by: "-x").rows == [[.integer(1)], [.integer(2)]])
        #expect(try table.sorted(by: "--x").rows == [[.integer(2)], [.integer(1)]])
    }

    @Test func columnsAreSelectedInTheOrderAskedFor() throws {
        let table = ResultsTable(
            columns: ["a", "b", "c"],
            rows: [[.integer(1), .text("x"), .empty]]
        )
        let selected = try table.selecting(["c", "a", "a"])
        #expect(selected.columns == ["c", "a", "a"])
        #expect(selected.rows == [[.empty, .integer(1), .integer(1)]])
    }

    @Test(arguments: ["auorc", "-auorc"])
    func anUnknownColumnIsNamedWithTheNearest(key: String) {
        let table = table("auroc")
        let message = "unknown column 'auorc'; did you mean 'auroc'? (valid: job, auroc)"
        let error = #expect(throws: UnknownColumn.self) { try table.sorted(by: key) }
        #expect(error?.description == message)
        #expect(throws: UnknownColumn(name: "", columns: ["job", "auroc"])) {
            try table.selecting(["auroc", ""])
        }
    }

    @Test func anEmptyTableSortsAndFilters() throws {
        let table = ResultsTable(columns: ["x"])
        #expect(try table.sorted(by: "-x").rows.isEmpty)
        #expect(try table.filtered(where: WhereExpression("x > 1")).rows.isEmpty)
    }
}
