import Foundation
import TestSupport
import Testing

extension RankTests {
    /// `furrow run`: what commands get, and what is kept of them.
    @Suite struct Sweeps {
        @Test(arguments: [nil, 2, 4])
        func aSweepOfDetectionsEqualsTheTypedPipeline(ranks: Int?) throws {
            let typed = try Scratch()
            let run = try Application.run(typed, Application.configuration)
            #expect(run.status == 0)
            let expected = try typed.text("runs/benchmark/latest/results.csv")
                .split(separator: "\n").dropFirst().map { line -> [String] in
                    let cells = line.split(separator: ",").map { String($0) }
                    return [
                        cells[0], cells[1], try String(format: "%.6f", #require(Double(cells[3]))),
                    ]
                }
            let sweep = try SweepScratch()
            let program = MPIRun.programs.appendingPathComponent("anomaly-benchmark").path
            let outcome = try sweep.run(
                """
                name: digits
                command: ["\(program)", detect, --model, "{model}", --category, "{data.category}"]
                parameters:
                  model: {grid: [gaussian, pca]}
                  data:
                    category: {grid: [0, 3]}
                results:
                  auroc: {regex: 'AUROC ([0-9.]+)', required: true}
                timeout: 10m
                retries: 1
                """,
                ranks: ranks
            )
            #expect(outcome.status == 0, "\(outcome.errors)")
            let found = try sweep.scratch.text("runs/digits/latest/results.csv")
                .split(separator: "\n").dropFirst().map { line -> [String] in
                    let cells = line.split(separator: ",").map { String($0) }
                    return [
                        cells[1], cells[2], try String(format: "%.6f", #require(Double(cells[4]))),
                    ]
                }
            #expect(found == expected)
        }

        @Test(arguments: [2, 4])
        func valuesArriveByteForByte(ranks: Int) throws {
            let sweep = try SweepScratch()
            let values = [
                "a b", "'", "\"", "$(touch pwned)", "; touch pwned;", "`touch pwned`", "-n", "--",
                "line\nfeed", "*", "\\", "ä🦆", "$HOME", "&", "#x", "", " ", "!!", "a'b\"c`d$e\\f",
            ]
            let list = try String(
                decoding: JSONSerialization.data(withJSONObject: values),
                as: UTF8.self
            )
            let command = #"printf '%s\n' {x} "{x}" '{x}' "$(printf '%s' {x}; printf .)" "<{x}>""#
            let run = try sweep.run(
                "command: \(try json(command))\nparameters: {x: {grid: \(list)}}",
                ranks: ranks
            )
            #expect(run.status == 0, "\(run.errors)")
            var written = try sweep.outputs()
            for (number, value) in values.enumerated() {
                let expected = "\(value)\n\(value)\n\(value)\n\(value).\n<\(value)>\n"
                #expect(written[number + 1] == expected)
            }
            let again = try sweep.run(
                "command: [printf, '%s|', '{x}']\nparameters: {x: {grid: \(list)}}",
                ranks: ranks
            )
            #expect(again.status == 0)
            written = try sweep.outputs()
            for (number, value) in values.enumerated() {
                #expect(written[number + 1] == "\(value)|")
            }
            // What people see of it.
            #expect(try sweep.says("logs", "18") == "!!|")
            #expect(!FileManager.default.fileExists(atPath: sweep.url.path + "/pwned"))
        }

        @Test(arguments: [2, 4])
        func aTaskFileRunsLineByLine(ranks: Int) throws {
            let sweep = try SweepScratch()
            let tasks = sweep.url.appendingPathComponent("tasks.txt")
            var bytes = Array("# a comment\n\necho one\n  # another\necho two; exit 0\r\n".utf8)
            bytes +=
                Array("echo one\nprintf '%s' '".utf8) + [0xFF, 0xFE]
                + Array("'\n{x} || echo {}".utf8)
            try Data(bytes).write(to: tasks)
            let run = try sweep.furrow(["run", "--tasks", "tasks.txt"], ranks: ranks)
            #expect(run.status == 0, "\(run.errors)")
            let rows = try sweep.results()
            #expect(rows.count == 5)
            #expect(try sweep.says("logs", "1") == "one\n")
            #expect(try sweep.says("logs", "2") == "two\n")
            #expect(try sweep.says("logs", "3") == "one\n")
            #expect(try sweep.says("logs", "5") == "{}\n")
            let file = try Data(
                contentsOf: sweep.url.appendingPathComponent("runs/tasks/latest/joblog.tsv")
            )
            #expect(file.contains(0xFF))
        }

        @Test func placesOfGNUParallelAreFilled() throws {
            let sweep = try SweepScratch()
            try sweep.scratch.write("dir/a.tar.gz\nplain\n", to: "list")
            let run = try sweep.furrow(
                [
                    "run", "--tasks", "list", "--", "echo", "{}", "{.}", "{/}", "{//}", "{/.}",
                    "{#}",
                ],
                ranks: 2
            )
            #expect(run.status == 0, "\(run.errors)")
            #expect(
                try sweep.says("logs", "1") == "dir/a.tar.gz dir/a.tar a.tar.gz dir a.tar 1\n"
            )
            #expect(try sweep.says("logs", "2") == "plain plain plain . plain 2\n")
        }

        @Test func noTasksAreASuccess() throws {
            let sweep = try SweepScratch()
            try sweep.scratch.write("# nothing\n", to: "tasks")
            let run = try sweep.furrow(["run", "--tasks", "tasks"], ranks: 3)
            #expect(run.status == 0, "\(run.errors)")
            #expect(try sweep.results().isEmpty)
        }

        @Test func aCommandGetsWhatItIsPromised() throws {
            let sweep = try SweepScratch()
            let script = """
                env | sort; cat; grep Cpus_allowed_list /proc/self/status; pwd; \
                ps -o pid=,pgid= -p $$; echo '{"auroc": 0.5, "loss": {"train": 1}}' > $FURROW_RESULT
                """
            let run = try sweep.run(
                """
                name: env
                command: \(try json(script))
                parameters: {lr: 0.10, data: {category: "007"}}
                env: {GREETING: "hello {lr}", EMPTY: ""}
                directory: /
                """,
                ranks: 2,
                environment: [
                    "CUDA_VISIBLE_DEVICES": "GPU-a,GPU-b", "KEPT": "yes", "SLURM_PROCID": "3",
                    "SLURM_NTASKS": "4",
                ]
            )
            #expect(run.status == 0, "\(run.errors)")
            let lines = try sweep.says("logs", "1").split(separator: "\n").map { String($0) }
            for line in [
                "FURROW_JOB=1", "FURROW_TASK_ID=0", "FURROW_ATTEMPT=1", "GREETING=hello 0.10",
                "EMPTY=", "CUDA_VISIBLE_DEVICES=GPU-a", "CUDA_DEVICE_ORDER=PCI_BUS_ID", "KEPT=yes",
                "/",
                "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_MCA_rmaps_base_oversubscribe=1",
                #"FURROW_PARAMS={"lr":0.10,"data":{"category":"007"}}"#,
            ] { #expect(lines.contains(line), "\(line) in \(lines)") }
            let launchers = [
                "OMPI_COMM_WORLD_", "OMPI_MCA_orte_", "OMPI_MCA_ess", "OMPI_UNIVERSE", "PMIX_",
                "PMI_", "ORTE_", "PRTE_", "SLURM_",
            ]
            #expect(!lines.contains { line in launchers.contains { line.hasPrefix($0) } })
            let cores = ProcessInfo.processInfo.activeProcessorCount
            #expect(lines.contains("Cpus_allowed_list:\t" + (cores == 1 ? "0" : "0-\(cores - 1)")))
            let ids = try #require(lines.last).split(separator: " ")
            #expect(ids[0] == ids[1])
            let row = try #require(try sweep.results().first)
            #expect(row["auroc"] == "0.5" && row["loss.train"] == "1" && row["lr"] == "0.1")
            let scratch = lines.first { $0.hasPrefix("FURROW_RESULT=") }?.dropFirst(14) ?? ""
            #expect(!FileManager.default.fileExists(atPath: String(scratch)))
        }

        @Test func aCommandMayBeAnMPIProgram() throws {
            let sweep = try SweepScratch()
            let scenarios = MPIRun.programs.appendingPathComponent("Scenarios").path
            let run = try sweep.run(
                """
                command: [mpirun, -q, -n, 2, "\(scenarios)",
                          square, --count, "{n}"]
                parameters: {n: {grid: [3, 4]}}
                """,
                ranks: 2
            )
            #expect(run.status == 0, "\(run.errors)")
        }

        @Test func metricsComeFromTheLastMatch() throws {
            let sweep = try SweepScratch()
            let run = try sweep.run(
                #"""
                command: "seq 1 100000; echo loss=0.5; echo loss=0.25; echo '{\"a\": {\"b\": 7}}'"
                results:
                  loss: {regex: 'loss=([0-9.]+)'}
                  b: {json: last-line, key: a.b}
                  none: {regex: 'nothing (x)'}
                """#,
                ranks: 2
            )
            #expect(run.status == 0, "\(run.errors)")
            let row = try #require(try sweep.results().first)
            #expect(row["loss"] == "0.25" && row["b"] == "7" && row["none"] == nil)
            #expect(run.output.contains("did not report the metric 'none'"))
        }

        @Test func aRequiredMetricThatIsMissingFailsTheJob() throws {
            let sweep = try SweepScratch()
            let run = try sweep.run(
                "command: [echo, hi]\nresults: {auroc: {regex: 'a(b)', required: true}}",
                ranks: 2
            )
            #expect(run.status == 1)
            #expect(run.errors.contains("the metric 'auroc' is missing"))
        }

        @Test func failuresAreToldWithTheirLastLines() throws {
            let sweep = try SweepScratch()
            let run = try sweep.run(
                """
                command: "seq 1 9 >&2; echo because {n} >&2; exit {n}"
                parameters: {n: {grid: [0, 3, 0]}}
                """,
                ranks: 2,
                ["--on-failure", "continue"]
            )
            #expect(run.status == 1)
            #expect(run.output.contains("exit status 3"))
            #expect(run.output.contains("    | because 3"))
            #expect(!run.output.contains("    | 5\n"))
            #expect(run.errors.contains("1 failed, 2 succeeded"))
            let row = try #require(try sweep.results("--failed").first)
            #expect(row["job"] == "2" && row["exit"] == "3" && row["state"] == "failed")
            #expect(try sweep.says("logs", "2", "--stderr").hasSuffix("9\nbecause 3\n"))
        }

        @Test func aProgramThatDoesNotExistIsSaidOnce() throws {
            let sweep = try SweepScratch()
            let run = try sweep.furrow(
                ["run", "--on-failure", "continue", "--param", "n=1..20", "--", "no-such", "{n}"],
                ranks: 4
            )
            #expect(run.status == 1)
            #expect(run.errors.contains("20 failed"))
            #expect(run.errors.components(separatedBy: "not found in PATH").count == 2)
            #expect(run.errors.contains("(and 19 more like it)"))
            #expect(run.output.components(separatedBy: "not found in PATH").count == 2)
        }

        @Test func aFailedJobIsRunAgain() throws {
            let sweep = try SweepScratch()
            let run = try sweep.run(
                """
                command: "test {attempt} -ge 3"
                parameters: {n: {grid: [1, 2]}}
                retries: 2
                retry-delay: 100ms
                """,
                ranks: 2
            )
            #expect(run.status == 0, "\(run.errors)")
            let lines = try sweep.journal().filter { $0.job == 1 }.sorted { $0.start < $1.start }
            #expect(lines.map(\.attempt) == [1, 2, 3])
            #expect(lines.map(\.state) == ["failed", "failed", "succeeded"])
            #expect(lines[1].start - lines[0].start > 0.09)
            #expect(lines[2].start - lines[1].start > 0.19)
        }

        @Test(arguments: [2, 4])
        func aTimeoutEndsAllOfACommand(ranks: Int) throws {
            let sweep = try SweepScratch()
            let mark = mark()
            let run = try sweep.run(
                "command: \"trap '' TERM; setsid sleep \(mark) & sleep \(mark) & wait; wait\"\n"
                    + "timeout: 300ms",
                ranks: ranks,
                ["--grace", "300ms"]
            )
            #expect(run.status == 1)
            #expect(run.errors.contains("took longer than"))
            #expect(try processes(with: mark).isEmpty)
        }

        @Test func outputIsShownInOnePiece() throws {
            let sweep = try SweepScratch()
            let run = try sweep.furrow(
                [
                    "run", "--print-output", "--param", "n=1..6", "--", "sh", "-c",
                    "echo a{n}; sleep 0.05; echo b{n} >&2",
                ],
                ranks: 4
            )
            #expect(run.status == 0)
            let lines = run.output.split(whereSeparator: \.isNewline).map { String($0) }
            for job in 1...6 {
                let place = try #require(lines.firstIndex(of: "\(job)\ta\(job)"))
                #expect(lines[place + 1] == "\(job)\tb\(job)")
            }
        }

        @Test func stagesRunOneAfterTheOther() throws {
            let sweep = try SweepScratch()
            let run = try sweep.run(
                """
                name: two
                stages:
                  - name: first
                    command: 'echo "score=$(expr 10 \\* {n})"'
                    parameters: {n: {grid: [1, 2, 3]}}
                    results: {score: {regex: 'score=([0-9]+)'}}
                  - name: second
                    command: [sh, -c, 'wc -l < "$0"', "{previous_results}"]
                """,
                ranks: 2
            )
            #expect(run.status == 0, "\(run.errors)")
            #expect(try sweep.says("logs", "1").trimmingCharacters(in: .whitespaces) == "4\n")
            #expect(
                try sweep.results("--stage", "first").map { $0["score"] } == ["10", "20", "30"]
            )
        }

        @Test func theJoblogIsReadByGNUParallel() throws {
            let sweep = try SweepScratch()
            let tasks = "echo 1 >> ran\necho 2 >> ran\nfalse\necho 4 >> ran\n"
            try sweep.scratch.write(tasks, to: "tasks")
            let run = try sweep.furrow(
                ["run", "--tasks", "tasks", "--on-failure", "continue", "--joblog", "log.tsv"],
                ranks: 2
            )
            #expect(run.status == 1)
            try #require(
                FileManager.default.fileExists(atPath: "/usr/bin/parallel"),
                "GNU parallel is not installed"
            )
            try sweep.scratch.write("echo 5 >> ran\n", to: "more")
            let script = "cat tasks more | parallel --resume --joblog log.tsv -j1 >/dev/null 2>&1"
            _ = try Execution.run(["sh", "-c", script], in: sweep.url)
            let ran = try sweep.scratch.text("ran").split(separator: "\n").sorted()
            #expect(ran == ["1", "2", "4", "5"])
        }
    }
}
