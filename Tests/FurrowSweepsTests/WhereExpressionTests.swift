import FurrowRuns
import Testing

@testable import FurrowSweeps

@Suite struct WhereExpressionTests {
    private static let table = ResultsTable(
        columns: ["job", "model", "data.category", "auroc", "ok", "odd name", "5fold", "größe"],
        rows: [
            row(1, "knn", "0", "0.10", "true", "a b"),
            row(2, "pca", "1", "0.98", "True", "it's"),
            row(3, "007", "2", "nan", "false", "\"\\\n"),
            row(4, "", "3", "", "", ""),
            row(5, "éa", "4", "1", "maybe", "nan"),
        ]
    )

    private static func row(_ job: Int, _ texts: String...) -> [Cell] {
        [.integer(job), texts[0].isEmpty ? .empty : .text(texts[0])]
            + texts[1...].map { Cell(text: $0) } + [.integer(job * 10), .integer(job)]
    }

    private func jobs(_ expression: String) throws -> [Int] {
        try Self.table.filtered(where: WhereExpression(expression)).rows.compactMap {
            Int($0[0].text)
        }
    }

    @Test(arguments: [
        ("auroc == 0.1", [1]), ("auroc == 0.100", [1]), ("auroc == 1.0", [5]),
        ("auroc >= 0.98", [2, 5]), ("auroc > 0.98", [5]), ("auroc < 1", [1, 2]),
        ("auroc <= 1e0", [1, 2, 5]), ("auroc != 1", [1, 2, 3]), ("auroc > -inf", [1, 2, 5]),
        ("auroc < inf", [1, 2, 5]), ("job == +2", [2]), ("job == 0x2", [2]),
    ])
    func numbersCompareAsNumbers(expression: String, expected: [Int]) throws {
        #expect(try jobs(expression) == expected)
    }

    @Test(arguments: [
        (#"auroc == "0.10""#, [1]), (#"auroc == "0.1""#, []), (#"auroc == 'nan'"#, [3]),
        (#"job > "10""#, [2, 3, 4, 5]), (#"model < "l""#, [1, 3]), (#"model == "knn ""#, []),
        ("model == 'e\u{301}a'", [5]), (#"model == "\u00e9a""#, [5]),
        // A number does not order text, else this would find every failed job.
        ("model >= 0", []), ("model < 0", []), ("model == 7", []), ("model == 007", [3]),
        ("model != 7", [1, 2, 3, 5]),
    ])
    func textComparesAsText(expression: String, expected: [Int]) throws {
        #expect(try jobs(expression) == expected)
    }

    @Test(arguments: [
        ("auroc == null", [4]), ("auroc != null", [1, 2, 3, 5]), (#"model != "knn""#, [2, 3, 5]),
        (#"not model == "knn""#, [2, 3, 4, 5]), (#"model == """#, []), ("ok == true", [1, 2]),
        ("ok != true", [3, 5]), ("ok == false", [3]), ("ok != null", [1, 2, 3, 5]),
    ])
    func nothingAndBooleansAreAskedFor(expression: String, expected: [Int]) throws {
        #expect(try jobs(expression) == expected)
    }

    @Test(arguments: [
        ("job == 1 or job == 2 and job == 3", [1]), ("(job == 1 or job == 2) and job == 2", [2]),
        ("job == 3 and job == 2 or job == 1", [1]), ("not job == 1 and job < 3", [2]),
        ("not (job == 1 or job == 2) and job < 4", [3]), ("not not job == 1", [1]),
        ("not job == 1 or job == 1", [1, 2, 3, 4, 5]), ("((((job==1))))", [1]),
        ("job==1or job==2", nil), ("job>1and job<3", nil), ("(job>1)and(job<3)", [2]),
        ("job>=2\n\tand job<=3", [2, 3]),
    ])
    func precedenceIsTheUsual(expression: String, expected: [Int]?) throws {
        if let expected {
            #expect(try jobs(expression) == expected)
        } else {
            #expect(throws: WhereError.self) { try jobs(expression) }
        }
    }

    @Test(arguments: [
        ("data.category == 2", [3]), ("`data.category` == 2", [3]), (#"`odd name` == "a b""#, [1]),
        (#"`odd name` == 'it\'s'"#, [2]), (#"`odd name` == "it's""#, [2]),
        (#"`odd name` == "\"\\\n""#, [3]), ("`5fold` == 20", [2]), ("5fold == 20", [2]),
        ("größe == 3", [3]), ("gro\u{308}ße == 3", [3]),
    ])
    func columnsAreNamed(expression: String, expected: [Int]) throws {
        #expect(try jobs(expression) == expected)
    }

    @Test(arguments: [
        (
            "", 1,
            "expected a column's name without quotes on the left, found the end"
        ),
        ("auroc", 6, "expected ==, !=, <, <=, > or >= after 'auroc', found the end"),
        ("auroc >=", 9, "expected a number, a quoted text, true, false or null, found the end"),
        (
            "model == knn", 10,
            #"expected a value for the comparison, found 'knn'; put text in quotes: "knn""#
        ),
        (
            "auroc == nan", 10,
            #"expected a value for the comparison, found 'nan'; put text in quotes: "nan""#
        ),
        (
            "auroc = 1", 7,
            "'=' is not allowed here; write == or !=, or 'not' before a condition"
        ),
        (
            "0.98 < auroc", 1,
            "expected a column's name without quotes on the left, found '0.98'"
        ),
        (
            "'model' == 1", 1,
            "expected a column's name without quotes on the left, found ''model''"
        ),
        ("job == 1 AND job == 2", 10, "expected 'and', 'or' or the end, found 'AND'"),
        ("job == 1 job == 2", 10, "expected 'and', 'or' or the end, found 'job'"),
        ("job == 1)", 9, "expected 'and', 'or' or the end, found ')'"),
        ("(job == 1", 10, "expected 'and', 'or' or the ')' for the '(' at column 1, found the end"),
        (
            "()", 2,
            "expected a column's name without quotes on the left, found ')'"
        ),
        (
            "job == 1 and", 13,
            "expected a column's name without quotes on the left, found the end"
        ),
        (
            "or job == 1", 1,
            "expected a column's name without quotes on the left, found 'or'"
        ),
        ("job == 1 && job == 2", 10, "'&' is not allowed here; put text in quotes"),
        ("model ~ 'k'", 7, "'~' is not allowed here; put text in quotes"),
        ("model == 'knn", 10, "no closing '"), ("`model == 1", 1, "no closing `"),
        (
            #"model == "a\x""#, 12,
            #"unknown escape; valid: \\ \" \' \/ \n \r \t \b \f \uXXXX"#
        ),
        (
            #"model == "a\"#, 12,
            #"unknown escape; valid: \\ \" \' \/ \n \r \t \b \f \uXXXX"#
        ),
        ("model < null", 7, "only == and != work with 'null'"),
        ("ok >= true", 4, "only == and != work with 'true'"),
        (
            "model == auroc", 10,
            #"expected a value for the comparison, found 'auroc'; put text in quotes: "auroc""#
        ),
        ("job == == 1", 8, "expected a number, a quoted text, true, false or null, found '=='"),
    ])
    func mistakesHaveAPlace(expression: String, column: Int, problem: String) {
        let error = #expect(throws: WhereError.self) { try WhereExpression(expression) }
        #expect(error?.column == column)
        #expect(error?.problem == problem)
    }

    @Test func anUnknownColumnIsShownWithACaret() {
        let error = #expect(throws: WhereError.self) {
            try jobs("job == 1 or\n auorc > 0.5")
        }
        #expect(
            error?.description == """
                column 14: unknown column 'auorc'; did you mean 'auroc'? (valid: job, model, \
                data.category, auroc, ok, odd name, 5fold, größe)
                    job == 1 or  auorc > 0.5
                                 ^
                """
        )
        // Also where the rows would not have needed it.
        #expect(throws: WhereError.self) { try jobs("job == job2 or model == 'x'") }
        #expect(throws: WhereError.self) { try jobs("job != null or modle == 'x'") }
    }

    @Test func deepAndLongExpressionsDoNotOverflowTheStack() throws {
        let deep = String(repeating: "(", count: 200_000)
        #expect(throws: WhereError.self) { try jobs(deep) }
        #expect(throws: WhereError.self) { try jobs(String(repeating: "not ", count: 200_000)) }
        let closed =
            String(repeating: "(", count: 99) + "job==1" + String(repeating: ")", count: 99)
        #expect(try jobs(closed) == [1])
        let long = Array(repeating: "job == 2", count: 20_000).joined(separator: " or ")
        #expect(try jobs(long) == [2])
    }
}
