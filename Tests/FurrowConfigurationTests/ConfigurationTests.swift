import Foundation
import FurrowConfiguration
import Testing

@Suite struct ConfigurationTests {
    @Test func parsesTheExampleWithPositions() throws {
        let root = try parse(exampleText)
        #expect(root.position == ConfigurationPosition(line: 1, column: 1))
        let benchmark = try #require(root["benchmark"])
        #expect(benchmark.entries?.map(\.key) == ["seed", "model", "data"])
        let data = try #require(benchmark.entries?.last)
        #expect(data.keyPosition == ConfigurationPosition(line: 6, column: 3))
        #expect(data.value["class_path"]?.position == ConfigurationPosition(line: 7, column: 17))
        let grid = try #require(data.value["init_args"]?["category"]?["grid"]?.elements)
        #expect(grid.map(\.description) == (0...9).map(String.init))
        #expect(grid[3].position == ConfigurationPosition(line: 10, column: 25))
    }

    @Test func parsesJSON() throws {
        let json = "{\n\t\"a\": [1, 2.50, null, true, \"1\", \"\\u00e9\\/\"],\n\t\"b\": {}\n}"
        #expect(
            try parse(json).description == "{a: [1, 2.50, null, true, \"1\", \"é/\"], b: {}}"
        )
    }

    @Test func describesValuesOnOneLine() throws {
        let root = try parse("a: 'x\"\\'\n\"1\": \"p\\n\\t\\r\"\nb:\nc: !!str 12\nd: ''")
        #expect(
            root.description
                == "{a: \"x\\\"\\\\\", \"1\": \"p\\n\\t\\r\", b: null, c: \"12\", d: \"\"}"
        )
    }

    @Test func aByteOrderMarkAndCarriageReturnsAreAccepted() throws {
        #expect(try parse("\u{FEFF}a: 1\r\nb: 2\r\n").description == "{a: 1, b: 2}")
        // One in a value is part of it.
        let values = try parse(
            """
            a: "\u{FEFF}x"\r
            b: '\u{FEFF}'
            c: \u{FEFF}\u{FEFF}z
            d: &n "\\uFEFFq"
            e: *n
            f: [x\u{FEFF}, !!str \u{FEFF}p, "\\\\uFEFF", '\\uFEFF']
            "\u{FEFF}g": |
              \u{FEFF}l
            """
        )
        let read = ["a", "b", "c", "d", "e", "\u{FEFF}g"].map { values[$0]?.scalar?.text }
        let right = ["x", "", "\u{FEFF}z", "q", "q", "l"].map { "\u{FEFF}" + $0 }
        #expect(
            read.map { $0.map { Array($0.unicodeScalars) } }
                == right.map { Array($0.unicodeScalars) }
        )
        let list = values["f"]?.elements?.compactMap { $0.scalar?.text }
        #expect(list == ["x\u{FEFF}", "\u{FEFF}p", "\\uFEFF", "\\uFEFF"])
        let again = try parse(values.json)
        #expect(again.json == values.json)
    }

    @Test func aliasesRepeatTheirAnchor() throws {
        let root = try parse("a: &x [1, 2]\nb: *x")
        #expect(root["b"] == root["a"])
        #expect(root["b"]?.position == ConfigurationPosition(line: 1, column: 4))
    }

    @Test func mergeKeysYieldToOwnKeysAndTakeThePlaceOfTheArrows() throws {
        let one = try parse("b: &b {x: 1, y: 2}\na:\n  p: 0\n  <<: *b\n  y: 3")
        #expect(one["a"]?.description == "{p: 0, x: 1, y: 3}")
        let two = try parse("b: &b {x: 1, y: 2}\nc: &c {y: 5, z: 6}\na: {<<: [*b, *c]}")
        #expect(two["a"]?.description == "{x: 1, y: 2, z: 6}")
        #expect(try parse("\"<<\": 1").description == "{\"<<\": 1}")
    }

    @Test(arguments: [
        ("", "t.yaml: the configuration is empty; write keys and values, for example seed: 42"),
        (
            "# only this\n---\n",
            "t.yaml: the configuration is empty; write keys and values, for example seed: 42"
        ),
        (
            "- 1",
            "t.yaml:1:1: the configuration must be a mapping, but is a list; "
                + "write keys and values, for example seed: 42"
        ),
        (
            "null",
            "t.yaml:1:1: the configuration must be a mapping, but is null; "
                + "write keys and values, for example seed: 42"
        ),
        (
            "a: 1\nb:\n  c: 1\n  \n  # c\n  'c' : 2",
            "t.yaml:6:3: the key 'c' appears more than once in its mapping; "
                + "it is also at 3:3; keep one of them"
        ),
        (
            "{a: 1, a: 2}",
            "t.yaml:1:2: the key 'a' appears more than once in its mapping; keep one of them"
        ),
        (
            "- a: 1\n- a: 2\n  b: {b: 1}\n  a: 3",
            "t.yaml:4:3: the key 'a' appears more than once in its mapping; "
                + "it is also at 2:3; keep one of them"
        ),
        (
            "{!!str a: 1, !x a: 2}",
            "t.yaml:1:14: the key 'a' appears more than once in its mapping; "
                + "it is also at 1:2; keep one of them"
        ),
        ("1: x", "t.yaml:1:1: the key 1 must be text; write it in quotes: \"1\""),
        ("true: x", "t.yaml:1:1: the key true must be text; write it in quotes: \"true\""),
        ("a: {? : x}", "t.yaml:1:7: a key is empty; write a name before the colon"),
        ("a: {[1]: x}", "t.yaml:1:5: a key must be text, not a list or a mapping"),
        (
            "a: [1",
            "t.yaml:2:1: not valid YAML: did not find expected ',' or ']' "
                + "while parsing a flow sequence that begins at 1:4; close what was opened; "
                + "a text that begins with '{' or '[' needs quotes"
        ),
        (
            "x: 1\na: b: c",
            "t.yaml:2:5: not valid YAML: mapping values are not allowed in this context; "
                + "write a text with ': ' in it in quotes"
        ),
        (
            "a:\n\t- 1",
            "t.yaml:2:1: not valid YAML: found character that cannot start any token "
                + "while scanning for the next token; indent with spaces instead of tabs"
        ),
        (
            "a: @b",
            "t.yaml:1:4: not valid YAML: found character that cannot start any token "
                + "while scanning for the next token; write the text in quotes"
        ),
        (
            "b: é\na: \u{1}",
            "t.yaml:2:4: not valid YAML: control characters are not allowed; "
                + "remove the character or write it as an escape in double quotes"
        ),
        (
            "a: 1\n---\nb: 2",
            "t.yaml:2:1: a second document begins here; write one document per file"
        ),
        (
            "a: *x",
            "t.yaml:1:4: not valid YAML: found undefined alias; "
                + "write a text that begins with '*' in quotes"
        ),
        (
            "a: &a [*a]",
            "t.yaml:1:8: not valid YAML: found undefined alias; "
                + "write a text that begins with '*' in quotes"
        ),
        (
            "a: 1\n<<: 1",
            "t.yaml:2:5: '<<' must merge a mapping, not '1'; "
                + "write '<<: *name' and mark the mapping with '&name'"
        ),
        ("a: !foo x", "t.yaml:1:4: the tag '!foo' is not supported here; remove the tag"),
        ("a: !!set {x}", "t.yaml:1:4: the tag '!!set' is not supported here; remove the tag"),
        ("a: !!int x", "t.yaml:1:4: 'x' does not fit its tag '!!int'"),
    ])
    func explainsMistakes(yaml: String, expected: String) {
        #expect(parseMessage(yaml) == expected)
    }

    @Test func limitsTheDepth() {
        func nested(_ depth: Int) -> String {
            "a: " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(parseMessage(nested(99)) == "no error")
        #expect(
            parseMessage(nested(100))
                == "t.yaml:1:103: the configuration is nested more than 100 deep"
        )
        #expect(
            parseMessage(nested(100_000)).hasSuffix(
                "the configuration is nested more than 100 deep"
            )
        )
    }

    @Test(.timeLimit(.minutes(1))) func limitsRepeatsByAliases() {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let aliases = [String](repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            yaml += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(
            parseMessage(yaml)
                == "t.yaml: the configuration has more than 250000 values; "
                + "shorten it; an alias counts each time it is used"
        )
    }
}

@Suite final class ConfigurationFileTests {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func write(_ bytes: some Sequence<UInt8>) throws -> String {
        let file = folder.appending(path: "c.yaml")
        try Data(bytes).write(to: file)
        return file.path(percentEncoded: false)
    }

    private func readMessage(_ path: String) -> String {
        message { _ = try Configuration(contentsOf: path) }
    }

    @Test func readsAFile() throws {
        let path = try write(exampleText.utf8)
        let configuration = try Configuration(contentsOf: path)
        #expect(configuration.file == path)
        #expect(configuration.root == (try parse(exampleText)))
    }

    @Test func namesTheFileInErrors() throws {
        let path = try write("a: 1\na: 2".utf8)
        #expect(readMessage(path).hasPrefix("\(path):2:1: the key 'a' appears more than once"))
    }

    @Test func saysWhatIsWrongWithTheFile() throws {
        let missing = folder.appending(path: "none.yaml").path(percentEncoded: false)
        #expect(
            readMessage(missing)
                == "\(missing): no such file; check the path of the configuration"
        )
        #expect(
            readMessage(folder.path(percentEncoded: false))
                == "\(folder.path(percentEncoded: false)): this is a folder, not a file; name a configuration file inside it"
        )
        #expect(
            readMessage(try write([0x61, 0x3A, 0x0A, 0x20, 0xFF]))
                == "\(try write([0x61, 0x3A, 0x0A, 0x20, 0xFF])):2: "
                + "the file is not UTF-8 text; save it as UTF-8"
        )
        #expect(
            readMessage(try write([0xFF, 0xFE, 0x61, 0x00])).hasSuffix(
                "c.yaml: the file is UTF-16, not UTF-8; save it as UTF-8"
            )
        )
        let large = [UInt8](repeating: 0x20, count: Configuration.maximumByteCount + 1)
        #expect(
            readMessage(try write(large)).hasSuffix(
                "the file is larger than 4 MiB; check that it is a configuration file"
            )
        )
    }

    #if os(Linux)
        @Test func saysThatAFileCannotBeRead() {
            // Reading the unmapped page 0 fails even for the superuser.
            #expect(
                readMessage("/proc/self/mem")
                    == "/proc/self/mem: the file cannot be read: Input/output error"
            )
        }
    #endif
}
