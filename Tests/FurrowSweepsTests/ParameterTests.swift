import Foundation
import FurrowConfiguration
import FurrowSystem
import Testing

@testable import FurrowSweeps

@Suite struct ParameterTests {
    private func sweep(_ yaml: String) throws -> Sweep {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("furrow \(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in ["names.txt": "one\n\ntwo words\r\n", "rows.csv": Self.csv] {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        let file = folder.appendingPathComponent("sweep.yaml")
        try Data(yaml.utf8).write(to: file)
        return try Sweep(contentsOf: file.path)
    }

    private static let csv = "a,b\r\n1,\"x, \"\"y\"\"\"\n\"007\",\"line\nfeed\"\n"

    /// The parameters of all points in JSON.
    private func points(_ parameters: String) throws -> [String] {
        try sweep("command: [true]\n\(parameters)").stages[0].space.map(\.json)
    }

    @Test(arguments: [
        (
            "{grid: [1, 0.10, \"007\", true, null, ab]}",
            ["1", "0.10", "\"007\"", "true", "null", "\"ab\""]
        ),
        ("{range: {stop: 3}}", ["0", "1", "2"]),
        ("{range: {start: 5, stop: 0, step: -2}}", ["5", "3", "1"]),
        ("{range: {start: 0, stop: 0.4, step: 0.1}}", ["0.0", "0.1", "0.2", "0.3"]),
        ("{range: {start: 1, stop: 1}}", []),
        ("{linspace: {start: 0, stop: 1, num: 3}}", ["0.0", "0.5", "1.0"]),
        ("{linspace: {start: 0, stop: 0.3, num: 4}}", ["0.0", "0.1", "0.2", "0.3"]),
        ("{linspace: {start: 0.7, stop: -1e-1, num: 5}}", ["0.7", "0.5", "0.3", "0.1", "-0.1"]),
        ("{linspace: {start: 0, stop: 1, num: 4}}", ["0.0", "\(1.0 / 3)", "\(2.0 / 3)", "1.0"]),
        ("{linspace: {start: 0, stop: 1e300, num: 2}}", ["0.0", "1e+300"]),
        ("{linspace: {start: -1e308, stop: 1e308, num: 3}}", ["-1e+308", "0.0", "1e+308"]),
        ("{range: {start: 0, stop: 3e-1, step: 1e-1}}", ["0.0", "0.1", "0.2"]),
        ("{range: {start: 1e2, stop: 1.2e2, step: 1e1}}", ["100", "110"]),
        ("{logspace: {start: 0, stop: 2, num: 3}}", ["1.0", "10.0", "100.0"]),
        ("{logspace: {start: 0, stop: 2, num: 3, base: 2}}", ["1.0", "2.0", "4.0"]),
        ("{file: names.txt}", ["\"one\"", "\"two words\""]),
        ("{grid: [[1, 2], [3]]}", ["[1, 2]", "[3]"]), ("0x2a", ["42"]),
        ("{grid: [.inf]}", ["\"Infinity\""]),
    ])
    func valuesOfOneParameter(yaml: String, expected: [String]) throws {
        #expect(try points("parameters: {x: \(yaml)}") == expected.map { "{\"x\":\($0)}" })
    }

    @Test func theFirstAxisVariesSlowest() throws {
        let found = try points("parameters: {b: {grid: [1, 2]}, c: k, a: {d: {grid: [x, y]}}}")
        #expect(
            found == [
                #"{"b":1,"c":"k","a":{"d":"x"}}"#, #"{"b":1,"c":"k","a":{"d":"y"}}"#,
                #"{"b":2,"c":"k","a":{"d":"x"}}"#, #"{"b":2,"c":"k","a":{"d":"y"}}"#,
            ]
        )
    }

    @Test func parametersGoTogether() throws {
        #expect(
            try points("parameters: {zip: {a: [1, 2], b: [x, y]}, c: {grid: [0]}}")
                == [#"{"a":1,"b":"x","c":0}"#, #"{"a":2,"b":"y","c":0}"#]
        )
        #expect(
            try points("parameters: {r: {file: rows.csv}}")
                == [#"{"r":{"a":1,"b":"x, \"y\""}}"#, #"{"r":{"a":"007","b":"line\nfeed"}}"#]
        )
        #expect(
            try points("parameters: {m: {grid: [{k: 1}, {k: 2, l: 3}]}}")
                == [#"{"m":{"k":1}}"#, #"{"m":{"k":2,"l":3}}"#]
        )
    }

    /// The example of GitHub's documentation of `include`.
    @Test func includesAreThoseOfGitHub() throws {
        let yaml = """
            parameters: {fruit: {grid: [apple, pear]}, animal: {grid: [cat, dog]}}
            include:
              - {color: green}
              - {color: pink, animal: cat}
              - {fruit: apple, shape: circle}
              - {fruit: banana}
              - {fruit: banana, animal: cat}
            """
        #expect(
            try points(yaml) == [
                #"{"fruit":"apple","animal":"cat","color":"pink","shape":"circle"}"#,
                #"{"fruit":"apple","animal":"dog","color":"green","shape":"circle"}"#,
                #"{"fruit":"pear","animal":"cat","color":"pink"}"#,
                #"{"fruit":"pear","animal":"dog","color":"green"}"#, #"{"fruit":"banana"}"#,
                #"{"fruit":"banana","animal":"cat"}"#,
            ]
        )
    }

    @Test func excludesMatchInPart() throws {
        let yaml = """
            parameters: {a: {grid: [1, 2]}, b: {grid: [1, 2, 3]}}
            exclude: [{a: 1, b: 2}, {b: 3}]
            """
        #expect(try points(yaml) == [#"{"a":1,"b":1}"#, #"{"a":2,"b":1}"#, #"{"a":2,"b":2}"#])
    }

    @Test func samplesAreTheSameForASeed() throws {
        let yaml = "parameters: {x: {random: {loguniform: [0.001, 1]}, samples: 50, seed: 7}}"
        let found = try points(yaml)
        #expect(try points(yaml) == found && Set(found).count == 50)
        #expect(try points(yaml.replacingOccurrences(of: "7}", with: "8}")) != found)
        // Pinned: a resumed sweep must find the same numbers in every version.
        var random = SeededRandom(seed: 1_234_567)
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
        let choices = try points("parameters: {x: {random: {choice: [a, b], samples: 40}}}")
        #expect(Set(choices).count == 2)
        let normal = try sweep(
            "command: [true]\nparameters: {x: {random: {normal: [5, 0.5]}, samples: 2000}}"
        ).stages[0].space.compactMap { $0["x"].flatMap { Double($0.text) } }
        #expect(abs(normal.reduce(0, +) / 2000 - 5) < 0.05)
    }

    private func commandLine(_ parameters: [String]) throws -> Sweep {
        try Sweep(parameters: parameters, tasks: nil, command: ["true"], name: nil)
    }

    @Test(arguments: [
        ("lr=0.1,0.01", ["0.1", "0.01"]), ("n=0..3", ["0", "1", "2", "3"]),
        ("n=3..0..2", ["3", "1"]), ("n=08..10", ["08", "09", "10"]), ("n=-1..1", ["-1", "0", "1"]),
        ("n=-01..1", ["-01", "000", "001"]), ("n=5..5", ["5"]), ("n=1..7..-3", ["1", "4", "7"]),
        ("n=a,2..0,09..10", ["a", "2", "1", "0", "09", "10"]),
        ("n=9223372036854775805..9223372036854775806", ["9223372036854775805", "\(Int.max - 1)"]),
        ("n=-9223372036854775807..-9223372036854775806", ["\(Int.min + 1)", "\(Int.min + 2)"]),
        ("n=\(Int.min)..9..\(Int.max)", ["\(Int.min)", "-1"]), ("s=a\\,b,c", ["a,b", "c"]),
        ("s=", [""]), ("s=a=b", ["a=b"]), ("s=a\\b", ["a\\b"]), ("s=1..", ["1.."]),
        ("x=0..0.3..0.1", ["0.0", "0.1", "0.2", "0.3"]),
        ("x=0..1..0.3", ["0.0", "0.3", "0.6", "0.9"]),
        ("x=1..0..-0.5", ["1.0", "0.5", "0.0"]), ("x=1..1e3..333", ["1", "334", "667", "1000"]),
        ("x=-1e-1..1e-1..1e-1", ["-0.1", "0.0", "0.1"]),
        ("x=.5..1..0.25,7", ["0.5", "0.75", "1.0", "7"]),
        ("x=.5...5..1", ["0.5"]), ("s=1..2..3..4", ["1..2..3..4"]),
        ("s=..1", ["..1"]), ("s=1..2..", ["1..2.."]), ("s=1....3", ["1....3"]),
        ("x=1.0..2.0..1", ["1.0", "2.0"]), ("x=1.2.3..4", ["1.2.3..4"]), ("x=v1..v2", ["v1..v2"]),
        (
            "s=~,null,true,-.inf,.nan,0x2a,+1,1e3,007,1_0",
            [
                "~", "null", "true", "-.inf", ".nan", "0x2a", "+1", "1e3", "007", "1_0",
            ]
        ), ("grid=1,2", ["1", "2"]), ("range=1..2", ["1", "2"]), ("a.b=x,{y: z}", ["x", "{y: z}"]),
    ])
    func parametersOfTheCommandLine(text: String, values: [String]) throws {
        let sweep = try commandLine([text])
        #expect(sweep.stages[0].space.map { $0.all[0].value.text } == values)
        try expectSavedAlike(sweep)
    }

    @Test(arguments: [
        "x", "=1", "a b=1", "n=0..1..0", "n=0..\(Int.min)", "n=0..9..\(Int.min)",
        "n=\(Int.min)..\(Int.max)", "n=0..\(Int.max)", "n=0..99999999999999999999",
        "n=a,0..1000000000", "n=0..99999,0..99999,0..99999", "zip=1,2", "x=0.1..0.5",
        "x=1...3", "x=0..1..0.0", "x=0..1..1e-16", "x=0..1e300..0.1", "n=\(Int.max)..0",
        "n=\(Int.min)..0",
    ])
    func wrongParametersAreRefused(text: String) {
        #expect(throws: UsageError.self) { try commandLine([text]) }
    }

    /// The exit status is that of a mistake on the command line.
    @Test(arguments: [["echo", "{y}"], ["echo", "{}", "{n}"]])
    func aWrongCommandOfTheCommandLineIsAUsageError(command: [String]) {
        #expect(throws: UsageError.self) {
            try Sweep(parameters: ["n=1", "m=2"], tasks: nil, command: command, name: nil)
        }
        var overrides = StageOverrides()
        overrides.set(.only, toText: "9")
        #expect(throws: UsageError.self) {
            try Sweep(
                parameters: ["n=1"],
                tasks: nil,
                command: ["a"],
                name: nil,
                overriding: overrides
            )
        }
    }

    @Test func aParameterThatStandsTwiceIsRefused() {
        #expect(throws: UsageError.self) { try commandLine(["a=1", "a=2"]) }
    }

    @Test func aRangeOfTheCommandLineStaysOne() throws {
        let sweep = try commandLine(["n=1..300000", "m=0000000000..1073741823", "k=7..-7..2"])
        let space = sweep.stages[0].space
        #expect(space.count == 300_000 << 30 * 8)
        #expect(space[space.count - 1].json == #"{"n":300000,"m":1073741823,"k":-7}"#)
        #expect(sweep.document.count < 300)
        try expectSavedAlike(sweep)
    }

    @Test(arguments: [
        ("start: \(Int.min), stop: 0", nil), ("start: \(Int.min), stop: \(Int.max)", nil),
        ("start: \(Int.min), stop: \(Int.max), step: \(Int.max)", 3),
        ("start: \(Int.max), stop: \(Int.min), step: \(Int.min)", 2),
        ("start: -1, stop: \(Int.min), step: \(Int.min)", 1), ("stop: \(Int.max)", Int.max),
        ("stop: 99999999999999999999", nil), ("stop: 9, step: 0", nil),
        ("start: 0.5, stop: \(Int.max)", nil), ("start: 0.5, stop: \(Int.min)", nil),
        ("stop: 9, width: 0", nil), ("stop: 0.9, width: 2", nil), ("stop: 9, width: 2", 9),
    ])
    func largeNumbersOfARangeAreCountedOrRefused(range: String, count: Int?) throws {
        let yaml = "command: [true]\nparameters: {x: {range: {\(range)}}}"
        guard let count else {
            #expect(throws: ConfigurationError.self) { try sweep(yaml) }
            return
        }
        let space = try sweep(yaml).stages[0].space
        #expect(space.count == count)
        #expect(space.index(of: space[count - 1]) == count - 1)
    }

    @Test func whatASavedSweepCannotHoldIsRefused() throws {
        let range = "0..\(Configuration.maximumValueCount - 1)"
        #expect(throws: UsageError.self) { try commandLine(["a=x,\(range)"]) }
    }

    /// A sweep that is saved and read again.
    private func saved(_ sweep: Sweep) throws -> Sweep {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("furrow \(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try sweep.save(in: folder.path)
        return try Sweep(reopening: folder.path)
    }

    private func expectSavedAlike(_ sweep: Sweep) throws {
        let again = try saved(sweep)
        let (space, other) = (sweep.stages[0].space, again.stages[0].space)
        #expect(again.name == sweep.name && again.document == sweep.document)
        #expect(again.stages[0].settings == sweep.stages[0].settings)
        try #require(space.count == other.count)
        for place in 0..<min(space.count, 1000) {
            let index = space.count <= 1000 ? place : (space.count - 1) / 999 * place
            try #require(space[index] == other[index])
            try #require(other.index(of: space[index]) == index)
        }
    }

    /// YAML allows some characters in no form but an escape, and takes others for line ends.
    @Test func everyCharacterIsSaved() throws {
        let scalars = (1...0xFFFF).compactMap { Unicode.Scalar($0) } + ["\u{1FFFE}", "\u{10FFFF}"]
        let texts = stride(from: 0, to: scalars.count, by: 64).map { start in
            String(String.UnicodeScalarView(scalars[start..<min(start + 64, scalars.count)]))
        }
        for text in texts {
            let yaml = "a: \(JSONString.encode(text))"
            let read = try Configuration(parsing: yaml, file: "t").root["a"]?.scalar?.text ?? ""
            #expect(Array(read.unicodeScalars) == Array(text.unicodeScalars))
        }
        let sweep = try commandLine(["x=\u{FEFF}a,\u{FEFF}\u{FEFF},\u{7F}"])
        try expectSavedAlike(sweep)
        let file = try self.sweep(#"{command: [echo, "a\u007fb"], env: {A: "\u0085\ufffe\u2028"}}"#)
        #expect(try saved(file).stages[0].settings == file.stages[0].settings)
    }

    @Test func aSweepOfTheCommandLineIsReadAgain() throws {
        let tasks = FileManager.default.temporaryDirectory
            .appendingPathComponent("furrow \(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: tasks) }
        try Data([0xFF, 0x0A, 0x61, 0x0A]).write(to: tasks)
        let sweep = try Sweep(
            parameters: ["a=0.10,x y,'q'", "b=1..2"],
            tasks: nil,
            command: ["run it", "{a}", "\"{b}\""],
            name: nil
        )
        #expect(sweep.name == "run it" && sweep.stages[0].space.count == 6)
        try expectSavedAlike(sweep)
        try expectSavedAlike(Sweep(parameters: [], tasks: tasks.path, command: [], name: "t"))
    }

    /// Whoever writes to a pipe need not write all at once, and it cannot be read again.
    @Test(.timeLimit(.minutes(1))) func aSweepFromAPipeIsReadOnce() throws {
        let values = (0..<20_000).map { "value \($0)\n" }.joined()
        let (sweepPipe, valuePipe) = (Pipe(), Pipe())
        let number = valuePipe.fileHandleForReading.fileDescriptor
        let pieces = [
            "name: n\ncommand: [echo, '{x}', '{y}']\n# kept\n",
            "parameters: {x: {file: /dev/fd/\(number)}, y: 1}\n",
        ]
        let thread = Thread {
            for piece in pieces { sweepPipe.fileHandleForWriting.write(Data(piece.utf8)) }
            try? sweepPipe.fileHandleForWriting.close()
            valuePipe.fileHandleForWriting.write(Data(values.utf8))
            try? valuePipe.fileHandleForWriting.close()
        }
        thread.start()
        let path = "/dev/fd/\(sweepPipe.fileHandleForReading.fileDescriptor)"
        let sweep = try Sweep(contentsOf: path)
        #expect(sweep.document == Array(pieces.joined().utf8))
        #expect(sweep.stages[0].space.count == 20_000)
        try expectSavedAlike(sweep)
    }

    @Test func identitiesAreThoseOfNamesAndValues() {
        func canonical(_ pairs: (String, String)...) -> [UInt8] {
            Parameters(pairs.map { Parameter($0.0, ParameterValue(Array($0.1.utf8))) }).canonical
        }
        #expect(canonical(("a", "1"), ("b", "2")) == canonical(("b", "2"), ("a", "1")))
        #expect(canonical(("a", "1b"), ("c", "")) != canonical(("a", "1"), ("bc", "")))
        #expect(canonical(("a", "1")) != canonical(("a", "2")))
    }

    @Test func aTaskFilesDirectivesAreFollowed() throws {
        let text = """
            #DISBATCH PREFIX cd /d;(
            one
            #DISBATCH SUFFIX  ) > log
            two
            #DISBATCH REPEAT 2 start 5 step 3 three
            #DISBATCH PREFIX
              # comment
            """
        let tasks = try TaskFile(Array(text.utf8), file: "t").tasks.map(\.text)
        let index = "export DISBATCH_REPEAT_INDEX; "
        #expect(
            tasks == [
                "cd /d;(one", "cd /d;(two ) > log",
                "DISBATCH_REPEAT_INDEX=5; \(index)cd /d;(three ) > log",
                "DISBATCH_REPEAT_INDEX=8; \(index)cd /d;(three ) > log",
            ]
        )
        let error = #expect(throws: InputError.self) {
            try TaskFile(Array("a\n#DISBATCH BARRIER\n".utf8), file: "t")
        }
        #expect(error?.description.hasPrefix("t:2:") == true)
        #expect(throws: InputError.self) { try TaskFile([0x61, 0, 0x0A], file: "t") }
        for numbers in [
            "3 start \(Int.max - 1)", "3 step \(Int.max)", "2 start \(Int.min) step -1",
            "2 start 99999999999999999999", "99999999999999999999",
        ] {
            let bytes = Array("#DISBATCH REPEAT \(numbers) a\n".utf8)
            #expect(throws: InputError.self) { try TaskFile(bytes, file: "t") }
        }
        let last = Array("#DISBATCH REPEAT 2 start \(Int.min) step \(Int.max) Å".utf8)
        let repeated = try TaskFile(last, file: "t").tasks.map(\.text)
        #expect(repeated.map { $0.hasSuffix(" Å") } == [true, true])
        #expect(repeated[1].hasPrefix("DISBATCH_REPEAT_INDEX=-1;"))
        let odd = Array("#DISBATCH PREFIX ".utf8) + [0xFF, 0x0A, 0x61, 0x0A]
        #expect(try TaskFile(odd, file: "t").tasks.map(\.bytes) == [[0xFF, 0x61]])
    }

    @Test(arguments: [
        "command: [printf, \"a\\0b\"]", "command: \"echo \\0\"",
        "command: [a, '{previous_results}']",
        "command: [echo, '{m.k}']\nparameters: {m: {grid: [{n: a, k: 1}, {n: b}]}}",
        "command: [a]\nparameters: {x: {logspace: {start: 0, stop: 400, num: 3}}}",
        "command: [a]\nparameters: {x: {logspace: {start: 0, stop: 1, num: 3, base: 0}}}",
        "command: [a]\nparameters: {x: {random: {uniform: [-1e308, 1e308]}, samples: 9}}",
        "command: [a]\nparameters: {x: {random: {normal: [1e308, 1e308]}, samples: 9}}",
        "command: [echo, '{a}']\nparameters: {a: [{grid: [1]}]}",
        "command: [echo, '{a}']\nparameters: {a: {grid: [{grid: [1]}]}}",
    ])
    func whatWouldRunAnotherCommandIsRefused(yaml: String) {
        #expect(throws: ConfigurationError.self) { try sweep(yaml) }
    }

    @Test func anEmptyValueOfTheCommandLineIsOne() throws {
        let sweep = try Sweep(parameters: ["x="], tasks: nil, command: ["echo", "{x}"], name: nil)
        #expect(sweep.stages[0].space.map { $0["x"]?.text } == [""])
    }
}
