import FurrowRuns
import TestSupport
import Testing

@testable import FurrowCommands
@testable import FurrowSweeps

/// What is found in what a command wrote.
@Suite struct MetricExtractionTests {
    /// What the rules find.
    private func find(
        _ rules: [MetricRule],
        in output: String,
        result: String? = nil
    ) throws -> MetricExtraction.Found {
        let scratch = try Scratch()
        let running = scratch.path + "/running"
        let stream = try CapturedStream(scratch.path + "/all", running: running)
        // What the command before it wrote is none of its own.
        try scratch.append(output, to: "running")
        return try MetricExtraction(rules).find(in: stream, result: result.map { Array($0.utf8) })
    }

    private func pattern(_ text: String, required: Bool = false) -> MetricRule {
        var rule = MetricRule(name: "m", source: .pattern(text))
        rule.isRequired = required
        return rule
    }

    @Test(arguments: [
        ("loss=0.5\nloss=0.25\n", JSON.number("0.25")), ("loss=1 loss=3\n", .number("3")),
        ("loss=x\n", .text("x")), ("loss=nan", .text("nan")), ("loss=-Infinity", .text("-inf")),
        ("loss=7", .number("7")),
        ("loss=1\n\n\nother\n", .number("1")),
    ])
    func theLastMatchCounts(output: String, value: JSON) throws {
        #expect(try find([pattern("loss=(\\S+)")], in: output).values == [JSON.Member("m", value)])
    }

    /// Programs on Windows write a mark in front, and carriage returns at the ends.
    @Test(arguments: [
        "\u{FEFF}{\"m\": 1}\n", "{\"m\": 1}\r\n \r\n\t\n", "10 %\r20 %\r{\"m\": 1}\n",
    ])
    func theLastLineIsWhatIsShownOfIt(output: String) throws {
        let rule = MetricRule(name: "m", source: .lastLine(key: "m"))
        #expect(try find([rule], in: output).values == [JSON.Member("m", .number("1"))])
    }

    @Test func aResultMayHaveAMarkInFront() throws {
        let found = try find([], in: "", result: "\u{FEFF}{\"m\": 1}")
        #expect(found.values == [JSON.Member("m", .number("1"))])
        #expect(try find([], in: "", result: "\u{FEFF}\r\n").values.isEmpty)
    }

    /// The number after a word, in the forms in which programs write it.
    @Test(arguments: [
        ("AUROC 9.7e-05", "9.7e-05"), ("AUROC -1", "-1"), ("AUROC: 0.98.", "0.98"),
        ("AUROC=+.5,", "0.5"), ("\"AUROC\": 97%", "97"), ("AUROC 5.", "5"),
        ("AUROC | 1e3 |", "1e3"), ("{'AUROC': tensor(0.25)}", "0.25"), ("AUROC 0.1 AUROC 2", "2"),
        ("(AUROC) 7", "7"), ("the AUROC is 4; AUROC = 3", "3"), ("AUROC [1.e-05 2.]", "1.e-05"),
        ("AUROC=\u{1B}[1;31m0.5\u{1B}[0m", "0.5"), ("\u{1B}[1mAUROC\u{1B}[0m: 4", "4"),
        ("AUROC (0.5)", "0.5"), ("AUROC: array([[ 7.]])", "7."),
        ("AUROC 5.e3", "5.e3"), ("AUROC 12.5ms", "12.5"), ("AUROC 0.5,0.6", "0.5"),
        ("AUROC 1234,5", "1234"), ("AUROC 10% 0.1\rAUROC 0.2", "0.2"), ("AUROC 3/10", "3"),
    ])
    func aNumberIsFoundAfterItsWord(output: String, digits: String) throws {
        let found = try find([rule(numberAfter: "AUROC")], in: output + "\n")
        #expect(found.values.map { $0.value.double } == [Double(digits)], "\(found.values)")
    }

    @Test(arguments: [("AUROC nan", "nan"), ("AUROC -inf", "-inf"), ("AUROC: Infinity.", "inf")])
    func aNumberThatIsNoneIsFoundAsSuch(output: String, text: String) throws {
        #expect(
            try find([rule(numberAfter: "AUROC")], in: output).values.map(\.value) == [.text(text)]
        )
    }

    @Test(arguments: [
        "MAUROC 1", "AUROC1", "AUROC high 1", "AUROC", "AUROC none", "AUROCs 3",
        "AUROC 1,234.5", "AUROC 12_000", "AUROC 0x10", "AUROC 1.2.3", "AUROC 1.#QNAN",
    ])
    func whatIsNoNumberAfterTheWordIsMissing(output: String) throws {
        #expect(try find([rule(numberAfter: "AUROC")], in: output).values.isEmpty)
    }

    private func rule(numberAfter word: String) throws -> MetricRule {
        let scratch = try Scratch()
        let file = try scratch.write(
            "command: [a]\nresults: {m: {number: \(word)}}",
            to: "sweep.yaml"
        )
        return try Sweep(contentsOf: file).stages[0].settings.metrics[0]
    }

    @Test func aMatchFarFromTheEndIsFound() throws {
        let output = "loss=7\n" + String(repeating: "another line\n", count: 20_000)
        #expect(
            try find([pattern("loss=(.*)")], in: output).values == [JSON.Member("m", .number("7"))]
        )
    }

    @Test(arguments: [
        (#"{"a": {"b": 7}}"#, "a.b", JSON.number("7")), (#"{"a": "x"}"#, "a", .text("x")),
    ])
    func theLastLineIsAnObject(line: String, key: String, value: JSON) throws {
        let rule = MetricRule(name: "m", source: .lastLine(key: key))
        #expect(try find([rule], in: "{}\n\(line)\n").values == [JSON.Member("m", value)])
    }

    @Test(arguments: ["", "no JSON", "[1]", #"{"b": 1}"#, "{\"a\": 1}\nlater"])
    func whatIsNotInTheLastLineIsMissing(output: String) throws {
        let found = try find([MetricRule(name: "m", source: .lastLine(key: "a"))], in: output)
        #expect(found.values.isEmpty)
        #expect(found.missing == ["m"] && found.missingRequired.isEmpty)
    }

    @Test func whatIsRequiredIsMissedByItself() throws {
        let found = try find([pattern("a(b)", required: true)], in: "hi\n")
        #expect(found.missing.isEmpty && found.missingRequired == ["m"])
    }

    @Test func whatACommandReportsComesFirst() throws {
        let found = try find(
            [pattern("m=(.*)")],
            in: "m=1\n",
            result: #"{"m": 2, "loss": {"train": 1}}"#
        )
        #expect(
            found.values.sorted { $0.name < $1.name } == [
                JSON.Member("loss.train", .number("1")), JSON.Member("m", .number("2")),
            ]
        )
    }

    /// As Python's json module writes what a diverged training reports.
    @Test(arguments: [
        (#"{"m": NaN, "n": .5}"#, nil), (#"{"m": NaN}"#, JSON.text("nan")),
        (#"{"m": Infinity}"#, .text("inf")), (#"{"m": -Infinity}"#, .text("-inf")),
        (#"{"m": 1e400}"#, .number("1e400")),
        (#"{"m": "\ud800x\ud83d\ude00"}"#, .text("\u{FFFD}x😀")),
    ])
    func whatPythonWritesIsRead(result: String, value: JSON?) throws {
        if let value {
            #expect(try find([], in: "", result: result).values == [JSON.Member("m", value)])
            let rule = MetricRule(name: "m", source: .lastLine(key: "m"))
            #expect(try find([rule], in: result + "\n").values == [JSON.Member("m", value)])
        } else {
            #expect(throws: (any Error).self) { try find([], in: "", result: result) }
        }
    }

    @Test(arguments: ["", " \n"])
    func anEmptyReportHasNoMetrics(result: String) throws {
        #expect(try find([], in: "", result: result).values.isEmpty)
    }

    @Test(arguments: ["[1]", "7", "{"])
    func aReportThatIsNoObjectIsAnError(result: String) {
        let error = #expect(throws: (any Error).self) { try find([], in: "", result: result) }
        #expect(error.map { "\($0)".hasPrefix("$FURROW_RESULT holds no JSON") } == true)
    }
}
