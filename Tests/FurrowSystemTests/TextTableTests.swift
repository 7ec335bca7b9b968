import FurrowSystem
import Testing

@Suite struct TextTableTests {
    @Test func aLongListIsCutOff() {
        let names = (1...12).map { "\($0)" }
        #expect(names.listed(most: 3) == "1, 2, 3 and 9 more")
        #expect(names.listed(most: 12) == names.joined(separator: ", "))
        #expect([String]().listed(most: 3) == "")
    }

    @Test func numbersStandAtTheRight() {
        var table = TextTable(columns: ["model", "auroc", "note"])
        table.append(["knn", "0.5", ""])
        table.append(["gaussian", "12.25", "7 or so"])
        table.append(["x", "", ""])
        let expected = """
            model     auroc  note
            knn         0.5
            gaussian  12.25  7 or so
            x

            """
        #expect(table.text == expected)
    }

    @Test func aTableWithoutRowsIsItsHeader() {
        let table = TextTable(columns: ["a", "b"])
        #expect(table.text == "a  b\n")
        #expect(table.csv == "a,b\n")
    }

    @Test func whatWouldBreakALineIsQuoted() {
        var table = TextTable(columns: ["plain", "a,b"])
        table.append(["say \"hi\"", "two\nlines"])
        table.append(["\r\n", " spaced, "])
        table.append(["'x;y'", "e\u{301}🦆"])
        let lines = [
            "plain,\"a,b\"\n", "\"say \"\"hi\"\"\",\"two\nlines\"\n",
            "\"\r\n\",\" spaced, \"\n", "'x;y',e\u{301}🦆\n",
        ]
        #expect(Array(table.csv.utf8) == Array(lines.joined().utf8))
    }
}
