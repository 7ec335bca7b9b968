import FurrowConfiguration
import FurrowRuns
import FurrowSystem
import TestSupport
import Testing

@testable import FurrowSweeps

/// A sweep from its text.
private func sweep(_ yaml: String, _ overrides: StageOverrides = StageOverrides()) throws -> Sweep {
    let scratch = try Scratch()
    let file = try scratch.write(yaml, to: "sweep.yaml")
    return try Sweep(contentsOf: file, overriding: overrides)
}

/// The command lines of its jobs.
private func lines(_ sweep: Sweep) -> [String] {
    sweep.stages.flatMap { stage in
        stage.jobs().map { number, parameters in
            let context = CommandContext(parameters: parameters, job: number + 1)
            return String(decoding: stage.settings.command.commandLine(context), as: UTF8.self)
        }
    }
}

private func overrides(_ change: (inout StageOverrides) -> Void) -> StageOverrides {
    var overrides = StageOverrides()
    change(&overrides)
    return overrides
}

/// Optional places, in lists and in scripts.
@Suite struct OptionalPlaceTests {
    @Test(arguments: [
        ("[run, \"{amp?}\", end]", "[\"\", --amp, null]", ["run end", "run --amp end", "run end"]),
        ("[run, \"--m={amp?}\"]", "[\"\", 0.9]", ["run", "run --m=0.9"]),
        ("[run, [--m, \"{amp?}\"], x]", "[\"\", 0.9]", ["run x", "run --m 0.9 x"]),
        (
            "\"run {amp?} end\"", "[\"\", --amp, 'a b']",
            ["run  end", "run --amp end", "run 'a b' end"]
        ),
        ("\"run --m={amp?}; b\"", "[\"\", \"it's\"]", ["run ; b", #"run '--m=it'\''s'; b"#]),
        ("\"run \\\"<{amp?}>\\\"\"", "[\"\", x]", [#"run "<"''">""#, #"run "<"x">""#]),
    ])
    func anArgumentWithoutAValueIsLeftOut(command: String, grid: String, expected: [String]) throws
    {
        let sweep = try sweep("command: \(command)\nparameters: {amp: {grid: \(grid)}}")
        #expect(lines(sweep) == expected)
        #expect(sweep.warnings.isEmpty)
    }

    /// The script does what the line says.
    @Test(arguments: ["", "--amp", "a b", "it's", "$(id)", "*"])
    func aScriptPassesWhatItsLineShows(value: String) throws {
        for (text, expected) in [
            ("printf '<%s>' a {x?} b", value.isEmpty ? "<a><b>" : "<a><\(value)><b>"),
            ("printf '<%s>' a --m={x?}", value.isEmpty ? "<a>" : "<a><--m=\(value)>"),
            ("printf '<%s>' lr={x?}; :", value.isEmpty ? "<>" : "<lr=\(value)>"),
            ("printf '<%s>' \"{x?}\" '{x?}'", "<\(value)><\(value)>"),
        ] {
            let command = CommandTemplate.shell(try .init(text))
            let context = CommandContext(
                parameters: Parameters([Parameter("x", ParameterValue(Array(value.utf8)))]),
                job: 1
            )
            let environment = command.environment(context)
                .map { String(decoding: $0, as: UTF8.self) }
            let words = command.arguments(context).map { String(decoding: $0, as: UTF8.self) }
            #expect(try Execution.run(["env"] + environment + words).output == expected, "\(text)")
            let line = String(decoding: command.commandLine(context), as: UTF8.self)
            #expect(try Execution.run(["sh", "-c", line]).output == expected, "\(line)")
        }
    }

    @Test(arguments: ["a{x?}b", "{x}{x?}", "'a'{x?}", "X={x?} run", "echo; X={x?}", "$A{x?}"])
    func aPlaceInTheMiddleOfAWordIsRefused(text: String) {
        let error = #expect(throws: TemplateError.self) { try CommandTemplate.ShellTemplate(text) }
        #expect(error?.remedy.contains("--option={name?}") == true)
    }

    @Test func parametersThatDependOnOthers() throws {
        let grid = """
            parameters:
              opt: {grid: [{name: adam, lr: 0.1}, {name: sgd, lr: 0.01, momentum: 0.9}]}
            """
        let optional = try sweep("command: [t, '{opt.lr}', '--m={opt.momentum?}']\n\(grid)")
        #expect(lines(optional) == ["t 0.1", "t 0.01 --m=0.9"])
        let error = #expect(throws: ConfigurationError.self) {
            try sweep("command: [t, '{opt.momentum}']\n\(grid)")
        }
        #expect(error?.problem.contains("job 1 has no such parameter") == true)
        #expect(error?.remedy?.contains("{opt.momentum?}") == true)
        let unknown = #expect(throws: ConfigurationError.self) {
            try sweep("command: [t, '{opt.momentun?}']\n\(grid)")
        }
        #expect(unknown?.remedy?.contains("opt.momentum") == true)
    }

    @Test func anOptionalDirectoryIsTheDefaultsWithoutAValue() throws {
        let yaml = "command: [a]\ndirectory: '{d?}'\nparameters: {d: {grid: [null, '', /tmp]}}"
        let stage = try sweep(yaml).stages[0]
        let found = stage.space.map {
            stage.settings.directory(CommandContext(parameters: $0, job: 1))
        }
        #expect(found == [nil, nil, Array("/tmp".utf8)])
    }

    @Test func namesInBracketsCanBeOptional() {
        #expect(
            Template(#"{d["long text"]?}"#).segments == [.option(.name("d.long text"))]
        )
        #expect(Template("{?} {x ?} {x??}").segments == [.literal(Array("{?} {x ?} {x??}".utf8))])
    }
}

/// The keys that say how a command runs and what its end means.
@Suite struct StageKeyTests {
    @Test func aShellIsAProgramAndItsOptions() throws {
        for (text, words) in [
            ("bash", ["bash"]), ("bash -euo pipefail", ["bash", "-euo", "pipefail"]),
            ("[my shell, -x]", ["my shell", "-x"]),
        ] {
            let read = try sweep("command: 'a | b'\nshell: \(text)")
            let arguments = read.stages[0].settings.command.arguments(
                CommandContext(parameters: Parameters(), job: 1)
            )
            #expect(arguments == (words + ["-c", "a | b"]).map { Array($0.utf8) })
        }
        let set = try sweep(
            "command: 'a'\nshell: bash",
            overrides { $0.set(.shell, toText: "dash") }
        )
        #expect(set.stages[0].settings.command == .shell(try .init("a"), Shell(words: ["dash"])))
        let stages = try sweep(
            "stages: [{name: a, command: 'a'}, {name: b, command: 'b'}]",
            overrides { $0.set(.shell, toText: "dash") }
        )
        for stage in stages.stages {
            guard case .shell(_, Shell(words: ["dash"])) = stage.settings.command else {
                Issue.record("\(stage.settings)")
                continue
            }
        }
    }

    @Test func wordsAreAScriptWhereThereIsAShell() throws {
        let sweep = try Sweep(
            parameters: ["x=1,2"],
            tasks: nil,
            command: ["echo {x}", "|", "cat"],
            name: nil,
            overriding: overrides { $0.set(.shell, toText: "bash") }
        )
        #expect(sweep.name == "echo")
        #expect(lines(sweep) == ["echo 1 | cat", "echo 2 | cat"])
    }

    @Test(arguments: [
        ("command: [a]\nshell: bash", "2:8", "not a list"),
        ("command: 'a {x}'\nshell: fish\nparameters: {x: 1}", "1:10", "as sh does"),
        ("command: 'a'\nshell: ''", "2:8", "for example bash"),
        ("command: 'a'\nshell: {a: 1}", "2:8", "'shell' must be text"),
        ("command: [a]\nsuccess: [0, 256]", "2:14", "from 0 to 255"),
        ("command: [a]\nsuccess: {a: 1}", "2:10", "a number or a word"),
        ("command: [a]\nsuccess: []", "2:10", "empty"),
        ("command: [a]\nretry-on: [75, SIGFOO]", "2:16", "SIGKILL"),
        ("command: [a]\nretry-on: [0]", "2:12", "from 1 to 255"),
        ("command: [a]\nonly: 'x >'\nparameters: {x: 1}", "2:7", "column"),
        ("command: [a]\nonly: 'y > 1'\nparameters: {x: 1}", "2:7", "unknown column 'y'"),
        ("command: [a]\nonly: 9\nparameters: {x: 1}", "2:7", "there is no job 9"),
        ("command: [a]\nonly: 0..1\nparameters: {x: 1}", "2:7", "from 1"),
        ("command: [a]\nonly: 5-9\nparameters: {x: 1}", "2:7", "such as 7, 5..9"),
        ("command: [a]\nonly: '5..'\nparameters: {x: 1}", "2:7", "such as 7, 5..9"),
        ("command: [a]\nonly: [1, x > 1]\nparameters: {x: 1}", "2:11", "such as [1, 4, 8..20]"),
        ("command: [a]\nonly: [9]\nparameters: {x: 1}", "2:7", "there is no job 9"),
        ("command: [a]\nonly: []\nparameters: {x: 1}", "2:7", "the list of 'only' is empty"),
        ("command: [a]\nsuccess: []", "2:10", "the list of 'success' is empty"),
        ("command: [a]\nretry-on: {a: 1}", "2:11", "a number or a word"),
        ("command: [a]\ndirectory: ''", "2:12", "'directory' must not be empty"),
        ("command: [a]\nonly: 99999999999999999999\nparameters: {x: 1}", "2:7", "from 1"),
        ("command: [a]\nshard: 5/4", "2:8", "K from 1 to N"),
        ("command: [a]\nshard: 0/0", "2:8", "K from 1 to N"),
        ("command: [a]\noutput-limit: much", "2:15", "500M"),
        ("command: [a]\noutput-limit: 0", "2:15", "500M"),
        ("command: [a]\ndelay: soon", "2:8", "a duration"),
        ("command: [a]\nsetup: 'a {x}'\nparameters: {x: 1}", "2:8", "without a job"),
        ("command: [a]\nnode-setup: [a, {b: 1}]", "2:17", "'node-setup' must be text"),
        ("command: [a]\nteardown: []", "2:11", "'teardown' is empty"),
        ("command: [a]\nnull-separated: true", "2:17", "needs 'tasks'"),
        ("command: [a]\nresults: {m: {number: ''}}", "2:23", "the word"),
        ("command: [a]\nresults: {m: {number: a, regex: (b)}}", "2:14", "two sources"),
        ("command: [a]\nresults: {m: {number: a, key: b}}", "2:14", "'key' needs 'json'"),
    ])
    func aMistakeHasItsPlace(yaml: String, place: String, words: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try sweep(yaml) }
        #expect(error?.description.contains("sweep.yaml:\(place): ") == true, "\(error as Any)")
        #expect(error?.description.contains(words) == true, "\(error as Any)")
    }

    @Test func endsHaveTheirMeaning() throws {
        let read = try sweep("command: [a]\nsuccess: [0, 3]\nretry-on: [75, signal, timeout]")
        let rules = read.stages[0].settings.exits
        #expect(rules.success == [0, 3])
        for (failure, isWorth) in [
            (ExitRules.Failure.status(75), true), (.status(1), false), (.signal(9), true),
            (.timeout, true),
        ] {
            #expect(rules.areWorthRetry(failure, isFailed: true) == isWorth, "\(failure)")
        }
        #expect(!rules.areWorthRetry(.status(75), isFailed: false))
        #expect(ExitRules().areWorthRetry(.status(1), isFailed: true))
        let kill = try sweep("command: [a]\nretry-on: SIGKILL").stages[0].settings.exits
        #expect(kill.areWorthRetry(.signal(9), isFailed: true))
        #expect(!kill.areWorthRetry(.signal(15), isFailed: true))
    }

    @Test(arguments: [
        ("[[ a == a ]]", "sh: 1: [[: not found", "'[['"),
        ("x=1; source env.sh", "sh: 1: source: not found", "'source'"),
        ("module load gcc && a", "sh: 1: module: not found", "'module' may be a function"),
        ("conda activate b", "/bin/sh: 1: conda: not found", "--shell 'bash -l'"),
        ("let x=1", "sh: 1: let: not found", "'let'"),
        ("a=(1 2)", "sh: 1: Syntax error: \"(\" unexpected", "the script may need"),
        ("a |& b", "sh: 1: Syntax error: \"&\" unexpected", "the script may need"),
        ("for ((;;)); do a; done", "sh: 1: Syntax error: Bad for loop variable", "the script"),
        ("cat <<<x", "sh: 1: Syntax error: redirection unexpected", "the script"),
        ("echo ${x^^}", "/bin/sh: 1: Bad substitution", "the script"),
        ("echo '", "sh: 1: Syntax error: Unterminated quoted string", nil),
        ("cat <(ls)", "sh: 1: Syntax error: \"(\" unexpected", "'<('"),
        ("set -euo pipefail; a", "set: Illegal option -o pipefail", "'set -euo pipefail'"),
        ("awk '/[[:space:]]/' f", "awk: not found", nil), ("cat f", "cat: not found", nil),
    ])
    func aScriptForAnotherShellHasAHint(script: String, errors: String, word: String?) {
        let hint = Shell.standard.hint(Array(script.utf8), errors: Array(errors.utf8))
        #expect(hint?.contains(word ?? "") == (word == nil ? nil : true), "\(hint as Any)")
        #expect(Shell(words: ["bash"]).hint(Array(script.utf8), errors: Array(errors.utf8)) == nil)
    }

    @Test func listsMayEndInNULs() throws {
        let scratch = try Scratch()
        try scratch.write("a\nb\0#c\0\0 d", to: "list")
        let values = ["a\nb", "#c", "", " d"]
        let tasks = try scratch.write(
            "tasks: list\nnull-separated: true\ncommand: [wc, '{}']",
            to: "tasks.yaml"
        )
        let file = try scratch.write(
            "command: [wc, '{f}']\nparameters: {f: {file: list, null-separated: true}}",
            to: "file.yaml"
        )
        let lines = try scratch.write(
            "command: [wc, '{f}']\nparameters: {f: {file: list}}",
            to: "l.yaml"
        )
        for path in [tasks, file] {
            let space = try Sweep(contentsOf: path).stages[0].space
            #expect(space.map { $0.all[0].value.text } == values)
        }
        let error = #expect(throws: ConfigurationError.self) { try Sweep(contentsOf: lines) }
        #expect(error?.remedy?.contains("null-separated: true") == true)
    }
}

/// Which jobs run.
@Suite struct JobSelectionTests {
    private let grid =
        "command: [e, '{a}', '{b}']\nparameters: {a: {grid: [x, y]}, b: {range: {stop: 5}}}"

    private func numbers(_ text: String, seed: UInt64? = nil) throws -> [Int] {
        let stage = try sweep("\(grid)\n\(text)").stages[0]
        let numbers = stage.jobs(shuffledBy: seed).map { $0.number + 1 }
        #expect(stage.count == numbers.count)
        for number in 1...10 {
            let isSelected = stage.selection?.contains(number - 1, stage.space[number - 1]) ?? true
            #expect(isSelected == numbers.contains(number))
        }
        return numbers
    }

    @Test(arguments: [
        ("only: 3", [3]), ("only: 2..4", [2, 3, 4]), ("only: '9,1, 2 .. 3,2'", [1, 2, 3, 9]),
        ("only: [1, 4..6, '9, 10']", [1, 4, 5, 6, 9, 10]), ("only: [3]", [3]),
        ("only: 'b == 4'", [5, 10]), ("only: 'a == \"y\" and b < 2'", [6, 7]),
        ("only: 'job > 8'", [9, 10]), ("only: 'not a == \"x\"'", [6, 7, 8, 9, 10]),
        ("shard: 1/4", [1, 5, 9]), ("shard: 4/4", [4, 8]), ("shard: 1/1", Array(1...10)),
        ("shard: 20/20", []), ("only: 3..8\nshard: 2/2", [4, 6, 8]),
        ("only: 'b > 2'\nshard: 1/2", [5, 9]),
    ])
    func onlyTheseRun(text: String, expected: [Int]) throws {
        #expect(try numbers(text) == expected)
        #expect(try numbers(text, seed: 3).sorted() == expected)
    }

    /// As in a table of results.
    @Test func aParameterMayBeCalledJob() throws {
        let yaml = "command: [e, '{job}']\nparameters: {job: {grid: [7, 8, 9]}}\n"
        for (only, number) in [("job == 8", 1), ("furrow_job == 3", 2)] {
            let stage = try sweep(yaml + "only: \(only)").stages[0]
            #expect(stage.jobs().map(\.number) == [number])
        }
    }

    @Test func shardsAreAllJobsTogether() throws {
        let all = try (1...3).flatMap { try numbers("shard: \($0)/3") }
        #expect(all.sorted() == Array(1...10))
    }

    /// A space of 2^40 jobs.
    @Test func aSelectionOfAHugeSpaceCostsWhatItSelects() throws {
        let names = (0..<40).map { "p\($0)" }
        let yaml =
            "command: [e]\nparameters:\n"
            + names.map { "  \($0): {grid: [0, 1]}\n" }.joined() + "only: 7..9, 1000000000000\n"
        let stage = try sweep(yaml).stages[0]
        #expect(stage.count == 4)
        #expect(stage.jobs(shuffledBy: 1).map(\.number).sorted() == [6, 7, 8, 999_999_999_999])
        func selecting(_ only: String) throws -> Sweep.Stage {
            let numbers = "only: 7..9, 1000000000000"
            return try sweep(yaml.replacing(numbers, with: "only: '\(only)'")).stages[0]
        }
        let half = try selecting("p0 == 1")
        #expect(half.count == 1 << 39)
        #expect(half.jobs().first { _ in true }?.number == 1 << 39)
        let few = names.dropFirst().map { "\($0) == 1" }.joined(separator: " and ")
        let (first, last) = ((1 << 39) - 1, (1 << 40) - 1)
        #expect(try selecting(few).jobs().map(\.number) == [first, last])
        #expect(try selecting("p0 == 1 and job != 3").count == nil)
    }

    /// What is looked at makes no difference to what is selected.
    @Test func anExpressionSelectsTheSameAmongFewAndMany() throws {
        let yaml = """
            command: [e]
            parameters:
              a: {grid: [1, x, null, 2.5]}
              b: {range: {stop: 4}}
              c: {grid: [{k: 1}, {k: 2, l: 3}]}
              d: fixed
              e: {range: {start: 9, stop: 0, step: -1.5}}
            exclude: [{a: x, b: 2}, {b: 3}]
            include: [{a: 1, f: 7}, {a: new, b: 9}]
            """
        let space = try sweep(yaml).stages[0].space
        var random = SeededRandom(seed: 4)
        func pick(_ words: [String]) -> String {
            words[Int(random.next(upperBound: UInt64(words.count)))]
        }
        func expression(_ depth: Int) -> String {
            let part = { "(\(expression(depth - 1)))" }
            switch random.next(upperBound: depth > 0 ? 4 : 1 as UInt64) {
            case 1: return "not \(part())"
            case 2: return "\(part()) and \(part())"
            case 3: return "\(part()) or \(part())"
            default:
                let column = pick(["a", "b", "c.k", "c.l", "d", "e", "f", "job"])
                let value = pick(["1", "2", "2.5", "\"x\"", "\"fixed\"", "7.5", "9"])
                let comparison = "\(column) \(pick(["==", "!=", "<", ">="])) \(value)"
                return pick([comparison, comparison, "\(column) == null"])
            }
        }
        var exact = 0
        for _ in 0..<100 {
            let text = expression(3)
            var selection = JobSelection(count: space.count, names: space.names)
            try selection.restrict(to: text, in: space)
            let right = space.indices.filter { selection.satisfies($0, space[$0]) }
            let found = (0..<selection.candidates).map(selection.candidate)
                .filter { selection.satisfies($0, space[$0]) }
            #expect(found == right, "\(text)")
            let others = UnselectedCombinations(
                of: try WhereExpression(text),
                in: space,
                mostSeen: 3
            )
            let kept = try #require(space.kept(without: others.boxes))
            let few = Set((0..<kept.count).compactMap { space.kept.index(of: kept[$0]) })
            let combinations = Set(right.filter { $0 < space.kept.count })
            #expect(few.isSuperset(of: combinations), "\(text)")
            if others.isExact {
                #expect(few == combinations, "\(text)")
                exact += 1
            }
        }
        #expect(exact > 20)
    }

    @Test func anArrayOfSlurmsIsShards() {
        func shard(_ id: Int, _ first: Int, _ last: Int, _ count: Int) -> String? {
            Shard(ofArrayIn: [
                "SLURM_ARRAY_TASK_ID": "\(id)", "SLURM_ARRAY_TASK_MIN": "\(first)",
                "SLURM_ARRAY_TASK_MAX": "\(last)", "SLURM_ARRAY_TASK_COUNT": "\(count)",
            ])?.text
        }
        #expect(shard(0, 0, 3, 4) == "1/4" && shard(3, 0, 3, 4) == "4/4")
        #expect(shard(7, 1, 7, 4) == "4/4" && shard(5, 5, 5, 1) == "1/1")
        #expect(shard(2, 1, 7, 3) == nil && shard(8, 1, 7, 4) == nil)
        #expect(Shard(ofArrayIn: [:]) == nil)
    }

    @Test func severalStagesHaveNoOneSelection() {
        let error = #expect(throws: UsageError.self) {
            try sweep(
                "stages: [{name: a, command: [a]}, {name: b, command: [b]}]",
                overrides { $0.set(.shard, toText: "1/2") }
            )
        }
        #expect(error.map { "\($0)".contains("without 'stages'") } == true)
    }
}
