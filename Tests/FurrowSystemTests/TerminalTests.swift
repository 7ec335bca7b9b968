import FurrowSystem
import Testing

@Suite struct TerminalTests {
    @Test(arguments: [
        ("abc", 3), ("", 0), ("é", 1), ("e\u{301}", 1), ("数字", 4), ("🙂", 2), ("👩‍👩‍👧", 2),
        ("한글", 4), ("❤️", 2), ("ｱ", 1), ("a\u{200D}b", 2),
    ])
    func widthsAreThoseOfATerminal(text: String, width: Int) {
        #expect(text.displayWidth == width)
    }

    @Test func textsAreCutBetweenCharacters() {
        #expect("数字学".fitted(to: 5) == "数字" && "数字学".padded(to: 5) == "数字 ")
        #expect("abc".padded(to: 5) == "abc  " && "abc".fitted(to: 0) == "")
        #expect("a\u{1B}[31mb\n".withoutControls == "a [31mb ")
    }

    @Test func theEnvironmentTellsWhatATerminalCan() {
        let usual = ["TERM": "xterm", "LANG": "en_US.UTF-8"]
        let all = TerminalAbilities(usual)
        #expect(all.movesCursor && all.hasColours && all.isUnicode)
        #expect(!TerminalAbilities(usual.merging(["NO_COLOR": "1"]) { $1 }).hasColours)
        #expect(TerminalAbilities(usual.merging(["NO_COLOR": ""]) { $1 }).hasColours)
        #expect(!TerminalAbilities(usual.merging(["TERM": "dumb"]) { $1 }).movesCursor)
        #expect(!TerminalAbilities(usual.merging(["LC_ALL": "C"]) { $1 }).isUnicode)
        #expect(TerminalAbilities(["LANG": "C"]).bar(filled: 1, of: 3) == "#--")
    }
}
