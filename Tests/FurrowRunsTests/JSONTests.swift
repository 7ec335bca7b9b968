import Foundation
import TestSupport
import Testing

@testable import FurrowRuns

@Suite struct JSONTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-0", "0.10", "1e-05", "12345678901234567890", "\"\"",
        #""a\"b\\c\n\r\té😀""#, "[]", "[1,[2,{}]]", "{}", #"{"b":1,"a":{"c":[null]}}"#,
    ])
    func whatIsReadIsWrittenAsItWas(text: String) throws {
        #expect(try JSON(parsing: text.utf8).description == text)
    }

    @Test(arguments: [
        (0, "0"), (5, "5"), (-0.5, "-0.5"), (1e-07, "1e-07"), (1e300, "1e+300"), (0.1, "0.1"),
    ])
    func aNumberIsWrittenAsTheJournalsEncoderDoes(number: Double, text: String) throws {
        #expect(JSON(number).description == text)
        #expect(try JSONEncoder.journal.text(number) == text)
    }

    @Test func onlyNumbersOfJSONKeepTheirDigits() {
        #expect(JSON(number: "0.10") == .number("0.10"))
        #expect(JSON(number: "-1e-3") == .number("-1e-3"))
        for text in ["+1", ".5", "5.", "007", "0x10", "nan", "", "1 2", "true"] {
            #expect(JSON(number: text) == nil, "\(text)")
        }
    }

    @Test func escapesAndSpaceAreRead() throws {
        let value = try JSON(parsing: " { \"\\u0041\\/\" : [ \"\\ud83d\\ude00\\b\" ] } \n".utf8)
        #expect(value == .object([JSON.Member("A/", .array([.text("😀\u{8}")]))]))
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "[1", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "01", "1.", ".5",
        "+1", "-", "1e", "tru", "nul", "NaN", "\"a", "\"\\x\"", "\"\\ud800\"", "\"\u{1}\"", "[1] 2",
        "\u{feff}1", "'a'",
    ])
    func whatIsNoJSONIsAnErrorWithItsPlace(text: String) {
        let error = #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: text.utf8) }
        #expect((0...text.utf8.count).contains(error?.offset ?? -1))
    }

    @Test func textThatIsNoUTF8IsAnError() {
        #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
    }

    @Test(arguments: ["[", "{\"a\":"])
    func depthHasALimit(bracket: String) {
        let text = String(repeating: bracket, count: 100_000)
        #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: text.utf8) }
        var reader = JSONReader(Array(text.utf8))
        #expect(throws: JSON.SyntaxError.self) { try reader.skip() }
    }

    @Test func nestedNamesHaveDots() throws {
        let value = try JSON(parsing: #"{"a":1,"b":{"c":{"d":[2]},"e":{}},"f":null}"#.utf8)
        #expect(value.flattened().map(\.name) == ["a", "b.c.d", "b.e", "f"])
        #expect(JSON.number("1").flattened(under: "result").map(\.name) == ["result"])
    }
}

@Suite struct JournalLineTests {
    private static let good = """
        {"attempt":2,"duration":0.5,"host":"n1","id":"0000000000000000000000000000000f","job":3,\
        "rank":1,"stage":"s","stage_occurrence":1,"start":10.5,"state":"succeeded","task_id":0,\
        "parameters":{"x":0.10},"result":{"m":[1,2]}}
        """

    @Test func theHeadIsReadFirstAndTheRestWhenAsked() throws {
        let line = try JournalLine(Array(Self.good.utf8))
        #expect(line.record.job == 3 && line.record.attempt == 2 && line.record.taskID == 0)
        let (parameters, result) = try line.content()
        #expect(parameters.description == #"{"x":0.10}"#)
        #expect(result?.description == #"{"m":[1,2]}"#)
    }

    @Test func aLineWithoutResultHasNone() throws {
        let text = Self.good.replacing(#","result":{"m":[1,2]}"#, with: "")
        #expect(try JournalLine(Array(text.utf8)).content().result == nil)
    }

    @Test func aLineWithAnyOtherBitIsNoRecord() throws {
        let record = try record(3)
        var line = try record.line(parameters: #"{"x":0.10}"#, result: #"{"m":[1,"é"]}"#).dropLast()
        #expect(try JournalLine(Array(line)).content().result?.description == #"{"m":[1,"é"]}"#)
        for place in line.indices {
            for bit in 0..<8 as Range<UInt8> {
                line[place] ^= 1 << bit
                #expect(throws: JournalLine.Damaged.self, "bit \(bit) of byte \(place)") {
                    try JournalLine(Array(line))
                }
                line[place] ^= 1 << bit
            }
        }
    }

    @Test(arguments: [
        (#""rank":1"#, #""rank":"x""#), (#""rank":1"#, #""rank":-1"#), (#""job":3"#, #""job":0"#),
        (#""job":3,"#, ""), (#""host":"n1","#, ""), (#""state":"succeeded""#, #""state":"odd""#),
        (#""attempt":2"#, #""attempt":99999999999999999999"#), ("0f", "0g"),
        (#""duration":0.5"#, #""duration":-1"#), (#""start":10.5"#, #""start":1e999"#),
        (#""task_id":0"#, #""task_id":[]"#), (#"{"attempt""#, #"{attempt""#), ("}}", "}"),
        ("}}", ""),
    ])
    func aDamagedHeadIsNoRecord(part: String, damage: String) {
        let text = Self.good.replacing(part, with: damage, maxReplacements: 1)
        #expect(text != Self.good)
        #expect(throws: JournalLine.Damaged.self) {
            _ = try JournalLine(Array(text.utf8)).content()
        }
    }
}
