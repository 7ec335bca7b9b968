import FurrowConfiguration
import Testing

@Suite struct ConfigurationScalarTests {
    @Test(arguments: [
        (ConfigurationScalar.Kind.null, ["", "~", "null", "Null", "NULL"]),
        (.boolean, ["true", "True", "TRUE", "false", "False", "FALSE"]),
        (.integer, ["0", "42", "-3", "+3", "010", "0x2a", "0xFF", "0o52"]),
        (
            .float,
            [
                "0.5", "1.", ".5", "1e3", "1.5E-3", "-.5", ".inf", "-.Inf", "+.INF", ".nan",
                ".NaN",
            ]
        ),
        (
            .text,
            [
                "abc", "yes", "no", "on", "off", "nULL", "tRUE", "1_000", "12:30", "2024-01-01",
                "0b1", "0x", "0o8", "0xg", "-0x2a", "-", "+", ".", "1e", "e3", "-.nan", "inf",
                "nan", "1 2", "٣", "0x1p3", "1.2.3",
            ]
        ),
    ])
    func followsTheCoreSchema(kind: ConfigurationScalar.Kind, texts: [String]) {
        for text in texts {
            #expect(ConfigurationScalar.kind(ofPlain: text) == kind, "\(text)")
            #expect(ConfigurationScalar(plain: text).kind == kind)
            #expect(ConfigurationScalar(quoted: text).kind == .text)
        }
    }

    @Test func keepsTheTextAsWritten() throws {
        let root = try parse("a: 0.10\nb: \"007\"\nc: 1e3\nd: |\n  12\ne: '5'\nf: 007")
        let scalars = root.entries!.map { $0.value.scalar! }
        #expect(scalars.map(\.text) == ["0.10", "007", "1e3", "12\n", "5", "007"])
        #expect(scalars.map(\.isQuoted) == [false, true, false, true, true, false])
        #expect(scalars.map(\.kind) == [.float, .text, .float, .text, .text, .integer])
    }

    @Test func explicitTagsDecide() throws {
        let root = try parse("a: !!str 12\nb: !!int '12'\nc: !!float 1\nd: !!null ''\ne: ! 12")
        #expect(
            root.entries!.map { $0.value.scalar!.kind } == [.text, .integer, .float, .null, .text]
        )
    }
}
