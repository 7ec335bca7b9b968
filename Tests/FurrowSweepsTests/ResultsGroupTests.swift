import FurrowRuns
import Testing

@testable import FurrowSweeps

@Suite struct ResultsGroupTests {
    private let table = ResultsTable(
        columns: ["job", "m", "seed", "state", "a"],
        rows: [
            [.integer(1), .text("x"), .integer(0), .text("succeeded"), .integer(1)],
            [
                .integer(2), .text("x"), .integer(1), .text("succeeded"),
                .number(2.5, written: "2.50"),
            ],
            [.integer(3), .text("y"), .integer(0), .text("failed"), .empty],
            [
                .integer(4), .text("x"), .integer(2), .text("succeeded"),
                .number(.nan, written: "nan"),
            ],
        ]
    )

    @Test func groupsHaveStatistics() throws {
        let groups = try table.grouped(by: ["m"], measuring: ["a"], Statistic.allCases)
        #expect(groups.columns.prefix(4) == ["m", "jobs", "mean(a)", "std(a)"])
        #expect(
            groups.rows.map { $0.map(\.text) } == [
                ["x", "3", "1.75", "1.06066", "1", "1.75", "2.5", "3.5", "2"],
                ["y", "1", "", "", "", "", "", "", "0"],
            ]
        )
        #expect(throws: UnknownColumn.self) {
            try table.grouped(by: ["n"], measuring: ["a"], [.mean])
        }
    }

    /// In a JSON object each key is unique.
    @Test func aGroupsColumnMayHaveAnyName() throws {
        let jobs = ResultsTable(
            columns: ["jobs", "mean(a)", "a"],
            rows: [[.text("x"), .integer(7), .integer(1)]]
        )
        let groups = try jobs.grouped(by: ["jobs", "mean(a)"], measuring: ["a"], [.mean])
        #expect(groups.columns == ["jobs", "mean(a)", "furrow_jobs", "furrow_mean(a)"])
        #expect(groups.rows[0].map(\.text) == ["x", "7", "1", "1"])
    }

    @Test func objectsStandOneALine() {
        var text = ""
        table.write(as: .jsonl) { text += $0 }
        #expect(text.split(separator: "\n").count == 4)
        #expect(
            text.hasPrefix(#"{"job": 1, "m": "x", "seed": 0, "state": "succeeded", "a": 1}"# + "\n")
        )
    }

    private func side(_ rows: [[Cell]]) -> ResultsComparison.Side {
        ResultsComparison.Side(
            table: ResultsTable(columns: table.columns, rows: rows),
            parameters: ["m", "seed"],
            metrics: ["a"],
            state: "state"
        )
    }

    @Test func changesAreFoundJobByJob() throws {
        var rows = table.rows
        rows[0][4] = .number(1.5, written: "1.5")
        rows[1][4] = .number(2.5, written: "2.5")
        rows[2][3] = .text("succeeded")
        rows.removeLast()
        rows.append([.integer(9), .text("z"), .integer(0), .text("succeeded"), .integer(3)])
        let comparison = try ResultsComparison(side(table.rows), side(rows))
        #expect(comparison.common == 3 && comparison.onlyFirst == 1 && comparison.onlySecond == 1)
        #expect(
            comparison.differences.columns
                == ["m", "seed", "state", "state then", "a", "a then", "a change"]
        )
        #expect(
            comparison.differences.rows.map { $0.map(\.text) } == [
                ["x", "0", "succeeded", "succeeded", "1", "1.5", "0.5"],
                ["y", "0", "failed", "succeeded", "", "", ""],
            ]
        )
        #expect(
            comparison.summary == """
                3 jobs in both, 1 only in the first, 1 only in the second
                state: another in 1 job
                a: another in 1 job, changed by 0.5 on average

                """
        )
    }

    @Test func equalRunsDoNotDiffer() throws {
        let comparison = try ResultsComparison(side(table.rows), side(table.rows))
        #expect(comparison.differences.rows.isEmpty && comparison.otherState == 0)
    }
}
