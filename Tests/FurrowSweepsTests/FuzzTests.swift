import FurrowConfiguration
import FurrowRuns
import FurrowSystem
import TestSupport
import Testing

@testable import FurrowSweeps

/// Every reader of what people write, with what they never would: no trap, no hang, and errors that
/// end the program with 64 or 65 and say where.
@Suite(.timeLimit(.minutes(60))) struct FuzzTests {
    private static let sweeps = [
        """
        name: s
        command: [echo, "{a}", "--b={b.c?}", [x, "{d}"]]
        parameters:
          a: {grid: [1, 0.10, {x: 1, y: [1, 2]}]}
          b: {c: {range: {start: 0, stop: 1, step: 0.1}}}
          zip: {d: [1, 2], e: [x, null]}
          f: {linspace: {start: 0, stop: 1, num: 5}}
          g: {logspace: {start: -3, stop: 0, num: 4, base: 2}}
          h: {random: {uniform: [0, 1]}, samples: 3, seed: 7}
        include: [{a: 1, z: 2}]
        exclude: [{d: 1}]
        results: {m: {regex: '(a)', required: true}, n: {number: n}, l: {json: last-line, key: a.b}}
        """,
        """
        command: 'echo "{x}" --y={y?} $(({z})) | awk ''{print $1}'''
        shell: bash -euo pipefail
        parameters: {x: &v {grid: [a, b]}, y: *v, z: 1, <<: {q: 1}}
        only: x == "a" and not y != 3
        shard: 1/2
        timeout: 10m
        retries: 3
        retry-on: [75, signal, SIGKILL]
        success: [0, 3]
        env: {A: "{x}"}
        directory: "{run_dir}"
        setup: 'a {task_id}'
        output-limit: 1G
        delay: 0.1s
        """,
        "name: t\nstages:\n- {name: a, command: [a, '{previous_results}']}\n- command: |\n    b\n    c\n",
        "{\"command\": [\"a\"], \"parameters\": {\"x\": {\"range\": {\"stop\": 9, \"width\": 3}}}}",
    ]

    /// An error of a reader must be one of input or of usage.
    private func check(_ error: any Error) throws {
        guard error is any InputFailure || error is UsageError else {
            throw Fuzz.Find("an error of the type \(type(of: error)): \(error)")
        }
        guard "\(error)".utf8.count < 50_000 else { throw Fuzz.Find("a message without end") }
    }

    /// What can be asked of a sweep that was read.
    private func use(_ sweep: Sweep) throws {
        for stage in sweep.stages {
            let space = stage.space
            _ = (stage.count, space.names, space.commonNames, space.repetitions)
            for (number, parameters) in stage.jobs(shuffledBy: 3).prefix(3) {
                let context = CommandContext(parameters: parameters, job: number + 1)
                let command = stage.settings.command
                _ = (command.arguments(context), command.environment(context))
                _ = (command.commandLine(context), parameters.json)
                _ = stage.settings.environment.map { $0.value.render(context) }
                let found = (0..<3).compactMap { space.index(of: parameters, occurrence: $0) }
                guard found.contains(number) || space.repetitions.isEmpty == false else {
                    throw Fuzz.Find("job \(number) is not found by its parameters")
                }
            }
        }
    }

    @Test func sweepFiles() throws {
        let scratch = try Scratch()
        let keys = StageKey.allCases.map(\.rawValue) + ParameterReader.kinds + Template.builtIn
        var fuzz = Fuzz(
            Self.sweeps,
            tokens: keys.map { "\($0): " } + ["{a}", "{job?}", "{}", "zip"]
        )
        let find = try fuzz.find { bytes in
            let path = try scratch.write(bytes, to: "s.yaml")
            // Ten million samples are allowed, and take their time.
            guard !hasLargeCount(bytes) else { return }
            do {
                try use(try Sweep(contentsOf: path))
            } catch let find as Fuzz.Find {
                throw find
            } catch {
                try check(error)
            }
        }
        #expect(find == nil)
    }

    private func hasLargeCount(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).firstMatch(
            of: /(num|samples|REPEAT)\D{0,9}[0-9]{5,}/
        )
            != nil
    }

    @Test func tables() throws {
        var fuzz = Fuzz([
            "a,b\n1,\"x, \"\"y\"\"\"\n", "a\tb\n1\t2\n", "\u{FEFF}a;b\r\n1;2\r\n", "a\n",
        ])
        let find = try fuzz.find { bytes in
            for separator in [UInt8(ascii: ","), UInt8(ascii: "\t")] {
                do {
                    let table = try CSVRows(bytes, separatedBy: separator)
                    guard table.rows.allSatisfy({ $0.count == table.header.count }) else {
                        throw Fuzz.Find("rows of unequal length")
                    }
                } catch is CSVRows.Malformed {
                }
            }
        }
        #expect(find == nil)
    }

    @Test func taskLists() throws {
        var fuzz = Fuzz(
            [
                "echo 1\n# c\n\necho 2\r\n", "#DISBATCH PREFIX a\n#DISBATCH SUFFIX b\nx\n",
                "#DISBATCH REPEAT 3 start -2 step 5 echo\n",
            ],
            tokens: ["#DISBATCH ", "REPEAT ", "start ", "step "]
        )
        let find = try fuzz.find { bytes in
            guard !hasLargeCount(bytes) else { return }
            _ = NullSeparated.values(of: bytes)
            do { _ = try TaskFile(bytes, file: "t").tasks } catch { try check(error) }
        }
        #expect(find == nil)
    }

    @Test func parametersOfTheCommandLine() throws {
        var fuzz = Fuzz(
            ["a=1,2", "n=0..9", "n=9..-3..2", "n=08..12", "a=x\\,y,1..3", "a.b=0..100..10,7"]
        )
        let find = try fuzz.find { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            do {
                let sweep = try Sweep(
                    parameters: [text],
                    tasks: nil,
                    command: ["echo", "{}"],
                    name: nil
                )
                try use(sweep)
            } catch let find as Fuzz.Find {
                throw find
            } catch {
                try check(error)
            }
        }
        #expect(find == nil)
    }

    @Test func templates() throws {
        var fuzz = Fuzz(
            [
                "a {x} {x.y} {d[\"a b\"]} {{x}} {}", "echo \"$(x '{a}')\" `b` {x?}; # {x}",
                "case {x} in *) ;; esac", "a --b={x?}|c <<E\n{x}\nE", "$(( {x} )) ${x} $'{x}'",
            ],
            tokens: ["{x}", "{x?}", "$(", "$((", "))", "<<", "`", "case", "esac", "{/.}", "{#}"]
        )
        let context = CommandContext(
            parameters: Parameters([Parameter("x", ParameterValue(Array("v'\"$`".utf8)))]),
            job: 1
        )
        let find = try fuzz.find { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            let template = Template(text)
            _ = (template.render(context), template.names(among: ["x"]), template.isConstant)
            do throws(TemplateError) {
                try template.check(["x"])
                let script = try CommandTemplate.ShellTemplate(text)
                let command = CommandTemplate.shell(script)
                _ = (command.arguments(context), command.environment(context))
                _ = command.commandLine(context)
                _ = Shell.standard.hint(bytes, errors: Array("sh: not found".utf8))
            } catch {
                guard error.description.utf8.count < 50_000 else { throw Fuzz.Find("no end") }
            }
        }
        #expect(find == nil)
    }

    @Test func expressions() throws {
        var fuzz = Fuzz(
            [
                "a == \"x\" and (b >= 0.98 or not c.d != 3)", "`a b` == 'x\\n'", "a == null",
                "not not not a < -1e3", "((a == 1))", "1,4,7..9", "job > 3",
            ],
            tokens: ["and ", "or ", "not ", "==", "<=", "a ", "`a`", "\\u0041"]
        )
        let row: [Cell] = [.integer(1), .text("x"), .empty]
        let axes = ["a", "b"].map { name in
            ParameterAxis(name, ["1", "x", ""].map { ParameterValue(plain: $0) })
        }
        let space = try ParameterSpace(
            fixed: [Parameter("c.d", ParameterValue(plain: "2"))],
            axes: axes
        )
        let find = try fuzz.find { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            do throws(WhereError) {
                _ = try WhereExpression(text).predicate(for: ["a", "b", "c.d"])(row)
            } catch {
                guard error.column >= 1, error.column <= text.unicodeScalars.count + 1 else {
                    throw Fuzz.Find("a mistake in column \(error.column)")
                }
            }
            var selection = JobSelection(count: 9, names: ["a", "b", "c.d"])
            do {
                try selection.restrict(to: text, in: space)
                let found = (0..<selection.candidates).map(selection.candidate).filter {
                    selection.satisfies($0, space[$0])
                }
                guard found == space.indices.filter({ selection.contains($0, space[$0]) }) else {
                    throw Fuzz.Find("other jobs are selected than satisfy it")
                }
            } catch is JobSelection.Problem {
            }
        }
        #expect(find == nil)
    }

    @Test func timesAndSizes() throws {
        var fuzz = Fuzz(["10m", "1.5h", "02:00:00", "1-12:30:00", "200ms", "1G", "64 KiB", "3/4"])
        let find = try fuzz.find { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            if let time = TimeSpan(argument: text) {
                guard time.duration >= .zero, time.duration < .seconds(1_000_000_000) else {
                    throw Fuzz.Find("\(time)")
                }
            }
            if let size = ByteSize(text), size.bytes < 1 { throw Fuzz.Find("\(size)") }
            if let shard = Shard(text), !(1...shard.count ~= shard.number) {
                throw Fuzz.Find("\(shard)")
            }
        }
        #expect(find == nil)
    }

    /// What a job leaves in `$FURROW_RESULT`, and in its last line.
    @Test func results() throws {
        var fuzz = Fuzz(
            [
                #"{"a": {"b": [1, 2.5e-3, NaN, -Infinity]}, "c": "\ud83d\ude00\n", "d": null}"#,
                #"{"loss": 0.1, "a": {}, "t": true}"#, "[[[[1]]]]",
            ],
            tokens: ["\\u", "\\ud800", "NaN", "Infinity", "1e", "{\"a\":"]
        )
        let find = try fuzz.find { bytes in
            for isLenient in [true, false] {
                guard let json = try? JSON(parsing: bytes, isLenient: isLenient) else { continue }
                _ = json.flattened()
                let text = json.description
                let again = try? JSON(parsing: text.utf8, isLenient: true)
                guard again == json else { throw Fuzz.Find("read again: \(text)") }
            }
        }
        #expect(find == nil)
    }

    @Test func journals() throws {
        let scratch = try Scratch(with: "journal")
        let line = #"""
            {"stage":"s","stage_occurrence":1,"id":"00000000000000000000000000000001","job":1,\#
            "attempt":1,"state":"succeeded","start":1.5,"duration":0.1,"rank":1,"host":"h",\#
            "parameters":{"x":1},"result":{"exit":0,"out":{"length":1,"offset":0}}}

            """#
        var fuzz = Fuzz(
            [line, line + line, line + "{\"stage\":"],
            tokens: ["\"job\":", "\"state\":"]
        )
        let find = try fuzz.find { bytes in
            try scratch.write(bytes, to: "journal/worker-0001.jsonl")
            let index = try JournalIndex(of: scratch.path)
            let reader = JournalReader(index)
            for entry in index.entries.values {
                do {
                    _ = try reader.attempt(at: entry)
                } catch is JournalReader.DamagedLine {
                }
            }
        }
        #expect(find == nil)
    }
}
