import FurrowConfiguration
import FurrowSystem
import TestSupport
import Testing

@testable import FurrowSweeps

/// What a sweep file may not say, and what is told of it.
@Suite struct SweepReaderTests {
    /// What is wrong with a sweep file, as the user reads it.
    private func mistake(_ yaml: String) throws -> String {
        let scratch = try Scratch()
        let file = try scratch.write(yaml, to: "sweep.yaml")
        let error = #expect(throws: (any Error).self) { try Sweep(contentsOf: file) }
        // What ends with the status of wrong input, 65.
        #expect(error is any InputFailure, "\(error.map { "\($0)" } ?? "none")")
        return "\(error.map { "\($0)" } ?? "none")"
    }

    @Test(arguments: [
        ("command: [true]\nparametrs: {a: 1}", "sweep.yaml:2:1", "parameters"),
        ("command: [echo, '{modle}']\nparameters: {model: 1}", "sweep.yaml:1:10", "model"),
        ("command: 'echo {x'\nparameters: {x: {grid: []}}", "sweep.yaml:2", "grid"),
        ("parameters: {x: 1}", "sweep.yaml:1", "command"),
        ("command: [true]\ntimeout: soon", "sweep.yaml:2:10", "10m"),
        ("command: [true]\nretries: -1", "sweep.yaml:2:10", "retries"),
        ("command: [true]\nresults: {a: {regex: 'x'}}", "sweep.yaml:2", "groups"),
        ("command: [true]\nresults: {a: {regexp: '(x)'}}", "sweep.yaml:2", "regex"),
        ("command: [true]\nparameters: {x: {range: {stpo: 3}}}", "sweep.yaml:2", "stop"),
        ("command: [true]\nparameters: {zip: {a: [1], b: [1, 2]}}", "sweep.yaml:2", "zip"),
        ("command: [true]\nparameters: {x: {file: nowhere}}", "sweep.yaml:2", "nowhere"),
        ("command: [true]\nexclude: [{y: 1}]", "sweep.yaml:2", "y"),
        ("command: 'cat <<E\n{x}\nE'\nparameters: {x: 1}", "sweep.yaml:1", "here-document"),
        ("command: 'echo $(( {x} ))'\nparameters: {x: 1}", "sweep.yaml:1", "$((…))"),
        ("command: [echo, '{}']\nparameters: {a: 1, b: 2}", "sweep.yaml:1", "{a}"),
        ("command: [true]\ntimeout: 0", "sweep.yaml:2:10", "longer than 0"),
        ("command: [true]\nparameters: {a: 1, a.b: 2}", "sweep.yaml:2", "rename one of them"),
        ("command: [true]\nparameters: {a.b: {grid: [1]}, a: 2}", "sweep.yaml:2", "of 'a.b'"),
        ("- command", "sweep.yaml:1", "mapping"), ("command: [a\n", "sweep.yaml:", "expected"),
        ("name: a/b\ncommand: [true]", "sweep.yaml:1:7", "directory"),
        ("", "sweep.yaml", "empty"),
    ])
    func aMistakeIsNamedWithItsPlace(yaml: String, place: String, word: String) throws {
        let message = try mistake(yaml)
        #expect(message.contains(place), "\(message)")
        #expect(message.contains(word), "\(message)")
        #expect(!message.contains("\n"), "\(message)")
    }

    /// Otherwise they would be values of `n.gird`, `n.range` and so on, in one job.
    @Test(arguments: [
        ("{gird: [1, 2]}", "2:18: unknown key 'gird' in 'n'; did you mean 'grid'?"),
        ("{grids: [1, 2]}", "2:18: unknown key 'grids' in 'n'; did you mean 'grid'?"),
        ("{rang: {stop: 5}}", "2:18: unknown key 'rang' in 'n'; did you mean 'range'?"),
        ("{linspce: {start: 1, stop: 2, num: 3}}", "did you mean 'linspace'?"),
        ("{randm: {uniform: [0, 1]}, samples: 3}", "did you mean 'random'?"),
        ("{range: [0, 5]}", "2:25: 'range' of 'n' must be a mapping; for example {range: {start"),
        ("{logspace: 7}", "2:28: 'logspace' of 'n' must be a mapping; for example {logspace: {"),
    ])
    func whatIsNearlySeveralValuesIsRefused(value: String, problem: String) throws {
        for command in ["[a, '{n}']", "[a, '{}']", "[a]"] {
            let message = try mistake("command: \(command)\nparameters: {n: \(value)}")
            #expect(message.contains(problem), "\(message)")
            #expect(message.contains("for a parameter of this name write 'n."), "\(message)")
        }
    }

    /// What looks less like it is refused where the command needs a value of that name.
    @Test(arguments: [
        ("{fiel: names.txt}", "file"), ("{gird: 1}", "grid"), ("{rang: [0, 5]}", "range"),
        ("{randm: {even: [0, 1]}}", "random"), ("{grid_size: [1]}", "grid"),
    ])
    func whatMayBeANameIsRefusedIfItIsNone(value: String, kind: String) throws {
        let scratch = try Scratch()
        let parameters = "parameters: {n: \(value)}"
        let message = try mistake("command: [a, 'x={n}']\n\(parameters)")
        #expect(message.contains("sweep.yaml:2:18: unknown key"), "\(message)")
        #expect(message.contains("did you mean '\(kind)'?"), "\(message)")
        let file = try scratch.write("command: [a]\n\(parameters)", to: "sweep.yaml")
        #expect(try Sweep(contentsOf: file).stages[0].space.count == 1)
    }

    @Test(arguments: [
        ("{n: {range: [0, 5]}}", "{n.range}"), ("{n: {gird: [1, 2]}}", "{n.gird?}"),
        ("{n.range: [0, 5]}", "x"), ("{range: [0, 5], gird: [1]}", "{range}"),
        ("{n: {gird: [1], range: 3}}", "x"), ("{n: {grid_size: [1]}}", "{n.grid_size}"),
    ])
    func suchNamesMayBeUsed(parameters: String, argument: String) throws {
        let scratch = try Scratch()
        let yaml = "command: [a, '\(argument)']\nparameters: \(parameters)"
        let sweep = try Sweep(contentsOf: try scratch.write(yaml, to: "sweep.yaml"))
        #expect(sweep.stages[0].space.count == 1)
    }

    /// As a text it would be the value of one job.
    @Test(arguments: [
        ("parameters: {n: 1..3}", "2:17", "{range: {start: 1, stop: 4}}"),
        ("parameters: {n: {grid: [7, 0..9..2]}}", "2:28", "{range: {start: 0, stop: 10, step: 2}}"),
        ("parameters: {n: 08..12}", "2:17", "{range: {start: 8, stop: 13, width: 2}}"),
        ("parameters: {n: 1..0..0.5}", "2:17", "{range: {start: 1.0, stop: -0.1, step: -0.5}}"),
        ("parameters: {n: .1...5}", "2:17", "{range: {start: …, stop: …, step: …}}"),
        ("parameters: {zip: {n: [1..3]}}", "2:24", "{range: {start: 1, stop: 4}}"),
        ("parameters: {n: 1}\nexclude: [{n: -1..1}]", "3:15", "{range: {start: -1, stop: 2}}"),
    ])
    func aRangeOfTheCommandLineIsRefusedInAFile(text: String, place: String, form: String) throws {
        let message = try mistake("command: [a]\n\(text)")
        #expect(message.contains("sweep.yaml:\(place): '"), "\(message)")
        #expect(message.contains("' is a range only on the command line; write \(form) as "))
    }

    @Test(arguments: [
        "'1..3'", "\"1..3\"", "1..", "v1..v2", "1.2.3..4", "a..b", "{grid: ['1..3']}",
    ])
    func otherTextsWithDotsAreTexts(value: String) throws {
        let scratch = try Scratch()
        let yaml = "command: [a, '{n}']\nparameters: {n: \(value)}"
        let sweep = try Sweep(contentsOf: try scratch.write(yaml, to: "sweep.yaml"))
        #expect(sweep.stages[0].space[0]["n"]?.text.contains("..") == true)
    }

    /// An earlier version may have begun it.
    @Test func aRunThatHasBegunGoesOn() throws {
        let scratch = try Scratch()
        let yaml = "name: s\ncommand: [a]\nparameters: {n: {gird: [1, 2]}, m: 1..3}"
        try scratch.write(yaml, to: "sweep.yaml")
        let space = try Sweep(reopening: scratch.path).stages[0].space
        #expect(space.count == 1 && space[0]["m"]?.text == "1..3")
    }

    @Test(arguments: [
        ("{a: {regex: '(x'}}", "a", 2), ("{a: {regex: '(x)(y)'}}", "groups", 2),
        ("{a: {regex: '(x)', json: last-line}}", "two sources", 2), ("{a: {}}", "source", 2),
        ("{a: {json: first-line}}", "last-line", 2), ("{a: {regex: '(x)', key: b}}", "'key'", 2),
        ("{a: {json: last-line, required: 7}}", "required", 2), ("[a]", "results", 2),
    ])
    func aMetricThatCannotBeFoundIsRefused(results: String, word: String, line: Int) throws {
        let message = try mistake("command: [true]\nresults: \(results)")
        #expect(message.contains("sweep.yaml:\(line):"), "\(message)")
        #expect(message.contains(word), "\(message)")
    }

    @Test func metricsAreReadWithTheirSources() throws {
        let scratch = try Scratch()
        let file = try scratch.write(
            """
            command: [true]
            results:
              a: {regex: 'a=(\\d+)', required: true}
              b: {json: last-line, key: x.y}
              c: {json: last-line}
            """,
            to: "sweep.yaml"
        )
        var wanted = [
            MetricRule(name: "a", source: .pattern("a=(\\d+)")),
            MetricRule(name: "b", source: .lastLine(key: "x.y")),
            MetricRule(name: "c", source: .lastLine(key: "c")),
        ]
        wanted[0].isRequired = true
        #expect(try Sweep(contentsOf: file).stages[0].settings.metrics == wanted)
    }

    @Test func whatIsOddIsAWarning() throws {
        let scratch = try Scratch()
        let file = try scratch.write(
            "command: [echo, '{a}']\nparameters: {a: {grid: [1, 1]}, b: 2}",
            to: "sweep.yaml"
        )
        let warnings = try Sweep(contentsOf: file).warnings
        try #require(warnings.count == 2)
        #expect(warnings[0].contains("a=1 is given twice"))
        #expect(warnings[1].contains("uses the parameter 'b'"))
    }

    @Test(arguments: [
        ("{n: [1, 2]}", "{n}", "write {grid: [1, 2]}"), ("{n: [a]}", "{}", "write {grid: [\"a\"]}"),
        ("{a: {n: [\(Array(repeating: "1", count: 50).joined(separator: ", "))]}}", "{a.n}", "[…]"),
    ])
    func aListInTheOnlyJobIsAWarning(parameters: String, argument: String, hint: String) throws {
        let scratch = try Scratch()
        let yaml = "command: [echo, '\(argument)']\nparameters: \(parameters)"
        let warnings = try Sweep(contentsOf: try scratch.write(yaml, to: "sweep.yaml")).warnings
        try #require(warnings.count == 1)
        #expect(warnings[0].contains("in the only job is a whole list; for a job for each"))
        #expect(warnings[0].contains(hint), "\(warnings)")
    }

    @Test(arguments: ["{n: [1, 2], m: {grid: [1, 2]}}", "{n: {grid: [[1, 2], 3]}, m: 1}"])
    func aListAmongSeveralJobsIsNone(parameters: String) throws {
        let scratch = try Scratch()
        let yaml = "command: [echo, '{n} {m}']\nparameters: \(parameters)"
        let sweep = try Sweep(contentsOf: try scratch.write(yaml, to: "sweep.yaml"))
        #expect(sweep.warnings == [])
    }

    @Test(arguments: [
        ("t.csv", "a,b\n", "there is a header, but no row"),
        ("t.csv", "", "there is no header line"),
        ("t.csv", "PK\u{3}\0", "contains a NUL byte: it is not text (UTF-8)"),
        ("t.csv", "a;b\n1;2\n", "semicolons"), ("t.tsv", "a,b\n1,2\n", "commas"),
        ("t.txt", "a\0b\0", "needs 'null-separated: true'"),
    ])
    func aFileThatIsNoTableIsToldSo(name: String, text: String, problem: String) throws {
        let scratch = try Scratch()
        _ = try scratch.write(text, to: name)
        let sweep = "command: [echo, '{d}']\nparameters: {d: {file: \(name)}}"
        let file = try scratch.write(sweep, to: "sweep.yaml")
        let error = #expect(throws: ConfigurationError.self) { try Sweep(contentsOf: file) }
        #expect(error?.description.contains(problem) == true, "\(error as Any)")
    }

    @Test func tablesAreReadByTheirEnding() throws {
        let scratch = try Scratch()
        for (name, text) in [
            ("t.tsv", "name\tlong text\nx\t0.1\n"), ("t.TAB", "name\tlong text\nx\t0.1\n"),
            ("t.csv", "\u{FEFF}name,long text\nx,0.1\n"),
        ] {
            _ = try scratch.write(text, to: name)
            let file = try scratch.write(
                "command: [echo, '{d.name}', '{d[\"long text\"]}']\nparameters: {d: {file: \(name)}}",
                to: "sweep.yaml"
            )
            let stage = try Sweep(contentsOf: file).stages[0]
            #expect(stage.space.count == 1)
            #expect(stage.space[0].all.map(\.name) == ["d.name", "d.long text"], "\(name)")
            #expect(stage.space[0].all.map(\.value.text) == ["x", "0.1"], "\(name)")
        }
        _ = try scratch.write("a\rb\r", to: "list.txt")
        let message = try mistake(
            "command: [true]\nparameters: {x: {file: \(scratch.path)/list.txt}}"
        )
        #expect(message.contains("list.txt: its lines end in carriage returns alone"))
    }

    /// What YAML makes of a placeholder without quotes.
    @Test(arguments: [
        ("command: [echo, {n}]", "1:17"), ("command: {n}", "1:10"),
        ("command: [true]\ndirectory: {n}", "2:12"),
    ])
    func aPlaceholderWithoutQuotesIsExplained(text: String, place: String) throws {
        let scratch = try Scratch()
        let file = try scratch.write("\(text)\nparameters: {n: 1}\n", to: "sweep.yaml")
        let error = try #require(throws: ConfigurationError.self) { try Sweep(contentsOf: file) }
        #expect(error.remedy == #"write "{n}" in quotes"#)
        #expect(error.description.contains(":\(place): "), "\(error)")
    }
}
