import Foundation
import TestSupport
import Testing

extension RankTests {
    /// What the words of a sweep, in its file and on the command line, make of a run.
    @Suite struct SweepOptions {
        @Test func aScriptRunsInItsShell() throws {
            let sweep = try SweepScratch()
            let run = try sweep.furrow([
                "run", "--shell", "bash -euo pipefail", "--on-failure", "continue", "--retries",
                "0",
                "--param", "x=1,2", "--", "[[ {x} == 1 ]] && echo", "{x} |", "cat",
            ])
            #expect(run.status == 1, "\(run.errors)")
            #expect(try sweep.results().map { $0["state"] } == ["succeeded", "failed"])
            try sweep.scratch.write("[[ a == a ]]\n", to: "tasks")
            let hinted = try sweep.furrow(["run", "--tasks", "tasks", "--runs-dir", "h"])
            #expect(
                hinted.status == 1 && hinted.errors.contains("--shell bash"),
                "\(hinted.errors)"
            )
            let bash = try sweep.furrow([
                "run", "--tasks", "tasks", "--shell", "bash", "--runs-dir", "b",
            ])
            #expect(bash.status == 0, "\(bash.errors)")
            // A run keeps its shell.
            let again = try sweep.furrow(["run", "--resume", "--runs-dir", "b"])
            #expect(again.status == 0, "\(again.errors)")
        }

        @Test func aPipeFailsWithItsLastCommand() throws {
            let sweep = try SweepScratch()
            let plain = try sweep.run("command: 'false | cat'", ranks: nil)
            #expect(plain.status == 0, "\(plain.errors)")
            let strict = try sweep.furrow([
                "run", "sweep.yaml", "--shell", "bash -o pipefail", "--runs-dir", "r",
            ])
            #expect(strict.status == 1, "\(strict.errors)")
        }

        @Test func endsMeanWhatTheSweepSays() throws {
            let sweep = try SweepScratch()
            let run = try sweep.run(
                """
                command: 'exit {x}'
                parameters: {x: {grid: [0, 3, 75, 1]}}
                success: [0, 3]
                retry-on: 75
                retries: 2
                retry-delay: 10ms
                """,
                ranks: nil,
                ["--on-failure", "continue"]
            )
            #expect(run.status == 1, "\(run.errors)")
            let rows = try sweep.results()
            #expect(rows.map { $0["state"] } == ["succeeded", "succeeded", "failed", "failed"])
            #expect(rows.map { $0["attempt"] } == ["1", "1", "3", "1"])
            #expect(rows.map { $0["exit"] } == ["0", "3", "75", "1"])
            let set = try sweep.furrow([
                "run", "sweep.yaml", "--success", "0,1,3,75", "--runs-dir", "s",
            ])
            #expect(set.status == 0, "\(set.errors)")
            for arguments in [
                ["--success", "x"], ["--retry-on", "0"], ["--only", "x >"], ["--shard", "3/2"],
                ["--shard", "slurm"],
            ] {
                let wrong = try sweep.furrow(["run", "sweep.yaml"] + arguments)
                #expect(wrong.status == 64, "\(arguments): \(wrong.errors)")
            }
        }

        @Test func someJobsRunAndTheOthersLater() throws {
            let sweep = try SweepScratch()
            let yaml = "command: [echo, '{x}']\nparameters: {x: {range: {start: 1, stop: 9}}}"
            try sweep.scratch.write(yaml, to: "sweep.yaml")
            let plan = try sweep.says(
                "plan",
                "sweep.yaml",
                "--only",
                "x >= 7",
                "--format",
                "commands"
            )
            #expect(plan == "echo 7\necho 8\n")
            let first = try sweep.furrow(["run", "sweep.yaml", "--shard", "2/4"], ranks: 2)
            #expect(first.status == 0, "\(first.errors)")
            #expect(try sweep.results().map { $0["job"] } == ["2", "6"])
            #expect(try sweep.says("status").contains("2 jobs: 2 done, 0 failed, 0 left"))
            let named = try sweep.furrow([
                "run", "sweep.yaml", "--resume", "--only", "1,6..7", "--shuffle", "3",
            ])
            #expect(named.status == 0, "\(named.errors)")
            #expect(try sweep.results("--all").map { $0["job"] } == ["1", "2", "6", "7"])
            #expect(try sweep.says("logs", "7") == "7\n")
            let rest = try sweep.furrow(["run", "sweep.yaml", "--resume"], ranks: 3)
            #expect(rest.status == 0, "\(rest.errors)")
            #expect(try sweep.results().count == 8)
            let csv = try sweep.scratch.text("\(try sweep.newest())/results.csv")
            #expect(csv.split(separator: "\n").count == 9)
        }

        @Test func hooksRunAroundTheJobs() throws {
            let sweep = try SweepScratch()
            let yaml = """
                command: 'test -e staged && echo {x} >>log'
                parameters: {x: {range: {stop: 6}}}
                setup: 'echo setup {task_id} >>log'
                teardown: 'echo teardown {task_id} >>log'
                node-setup: 'sleep 0.2; touch staged; echo node >>log'
                node-teardown: [sh, -c, 'rm staged; echo end >>log']
                """
            let run = try sweep.run(yaml, ranks: 3, ["--schedule", "static"])
            #expect(run.status == 0, "\(run.errors)")
            let lines = try sweep.scratch.text("log").split(separator: "\n").map { String($0) }
            #expect(lines.first == "node" && lines.last == "end", "\(lines)")
            for task in 0...1 {
                let setup = try #require(lines.firstIndex(of: "setup \(task)"))
                let first = try #require(lines.firstIndex(of: "\(task * 3)"))
                #expect(setup < first && lines.contains("teardown \(task)"), "\(lines)")
            }
            let bad = try sweep.furrow(
                ["run", "sweep.yaml", "--setup", "echo lacking >&2; exit 3", "--runs-dir", "b"],
                ranks: 2
            )
            #expect(bad.status == 70, "\(bad.errors)")
            #expect(bad.errors.contains("setup: exit status 3\n    | lacking"), "\(bad.errors)")
            #expect(bad.errors.contains("failed in its preparation"), "\(bad.errors)")
            let late = try sweep.furrow(
                ["run", "sweep.yaml", "--teardown", "exit 4", "--runs-dir", "c"],
                ranks: 2
            )
            #expect(late.status == 0 && late.errors.contains("teardown: exit status 4"))
        }

        /// With and without a journal of them, in each schedule; a resumed run has them again.
        @Test(arguments: [(nil, "dynamic"), (3, "dynamic"), (3, "static")] as [(Int?, String)])
        func jobsMayBeLeftOut(ranks: Int?, schedule: String) throws {
            let sweep = try SweepScratch()
            let run = try sweep.furrow(
                ["run", "--skip", "2", "--skip", "5..6,8", "--schedule", schedule]
                    + ["--param", "x=1..8", "--", "sh", "-c", "test {x} != 2 && echo {x}"],
                ranks: ranks
            )
            #expect(run.status == 0, "\(run.errors)")
            #expect(try sweep.journal().map(\.job).sorted() == [1, 3, 4, 7])
            let status = try sweep.says("status")
            #expect(status.contains("4 done, 0 failed, 4 left"), "\(status)")
            #expect(status.contains("--skip leaves out jobs 2, 5, 6, 8"), "\(status)")
            #expect(try sweep.says("explain", "5").contains("--skip left it out\n"))
            #expect(run.output.contains("4/4 jobs"), "\(run.output)")
            let rest = try sweep.furrow(["run", "--resume", "--skip", "2"], ranks: ranks)
            #expect(rest.status == 0, "\(rest.errors)")
            #expect(try sweep.says("status").contains("7 done, 0 failed, 1 left"))
            for wrong in ["0", "x", "3..1", "1,", "..2", "1..99999999"] {
                let run = try sweep.furrow(["run", "--skip", wrong, "--", "true"], ranks: nil)
                #expect(run.status == 64 && run.errors.contains("--skip"), "\(run.errors)")
            }
        }

        /// What waits for its turn has not begun.
        @Test func commandsStartOneAfterTheOther() throws {
            let sweep = try SweepScratch()
            let run = try sweep.furrow(
                ["run", "--delay", "900ms", "--setup", "sleep 0.5", "--param", "x=1..5", "--"]
                    + ["true"],
                ranks: 3
            )
            #expect(run.status == 0, "\(run.errors)")
            let starts = try sweep.journal().map(\.start).sorted()
            // On a busy machine one may be 30 ms late, and the next is not.
            for (earlier, later) in zip(starts, starts.dropFirst()) {
                #expect(later - earlier > 0.87, "\(starts)")
            }
        }

        @Test func anEditedCommandIsToldOfAndRunAgainOnRequest() throws {
            let sweep = try SweepScratch()
            let first = try sweep.run(
                "command: [echo, A, '{x}']\nparameters: {x: {grid: [1, 2]}}",
                ranks: nil
            )
            #expect(first.status == 0, "\(first.errors)")
            let edited = "command: [echo, B, '{x}']\nparameters: {x: {grid: [1, 2, 3]}}"
            let kept = try sweep.run(edited, ranks: nil, ["--resume"])
            #expect(kept.status == 0 && kept.errors.contains("'command' of 'sweep' changed"))
            #expect(kept.errors.contains("--rerun-changed"))
            #expect(try sweep.says("logs", "1") == "A 1\n")
            #expect(try sweep.commands() == ["echo A 1", "echo A 2", "echo B 3"])
            let anew = try sweep.furrow(["run", "--resume", "--rerun-changed"], ranks: 2)
            #expect(anew.status == 0 && !anew.errors.contains("changed"), "\(anew.errors)")
            for job in 1...3 { #expect(try sweep.says("logs", "\(job)") == "B \(job)\n") }
            #expect(try sweep.results().count == 3)
            #expect(try sweep.commands() == ["echo B 1", "echo B 2", "echo B 3"])
            #expect(try sweep.says("status").contains("3 jobs: 3 done, 0 failed, 0 left"))
            #expect(try sweep.furrow(["run", "sweep.yaml", "--rerun-changed"]).status == 64)
        }

        @Test func outputHasALimit() throws {
            let sweep = try SweepScratch()
            let run = try sweep.furrow(
                [
                    "run", "--output-limit", "64K", "--name", "y", "--", "sh", "-c",
                    "trap '' TERM; yes",
                ],
                ranks: 2
            )
            #expect(
                run.status == 1 && run.errors.contains("wrote more than 65.5 kB"),
                "\(run.errors)"
            )
            #expect(try sweep.says("logs", "1").utf8.count == 65_536)
            for (size, status) in [("10", 1), ("11", 0)] {
                let edge = try sweep.furrow([
                    "run", "--output-limit", size, "--runs-dir", "e", "--", "printf", "12345678901",
                ])
                #expect(edge.status == status, "\(edge.errors)")
            }
        }

        /// What nothing passes on may be long.
        @Test func longParametersAreInAFile() throws {
            let sweep = try SweepScratch()
            let long = String(repeating: "z", count: 140_000)
            try sweep.scratch.write("id,blob\n1,\(long)\n", to: "l.csv")
            let run = try sweep.run(
                "command: 'wc -c <$FURROW_PARAMS_FILE'\nparameters: {d: {file: l.csv}}",
                ranks: 2
            )
            #expect(run.status == 0 && run.errors.utf8.count < 2000, "\(run.errors.prefix(500))")
            #expect(try sweep.says("logs", "1") == "140024\n")
            #expect(try sweep.says("results").utf8.count < 2000)
            for command in ["[echo, '{d.blob}']", "'echo {d.blob}'"] {
                let refused = try sweep.run(
                    "command: \(command)\nparameters: {d: {file: l.csv}}",
                    ranks: nil,
                    ["--runs-dir", "r"]
                )
                #expect(refused.status == 1 && refused.errors.contains("limit is 131071"))
                #expect(refused.errors.utf8.count < 2000, "\(refused.errors.prefix(500))")
            }
        }

        @Test func aRankMakesDoWithFewDescriptors() throws {
            let sweep = try SweepScratch()
            let run = try sweep.furrow(
                ["run", "--name", "d", "--param", "n=1..20", "--", "true"],
                ranks: 3,
                descriptors: 32
            )
            #expect(run.status == 0, "\(run.errors)")
        }

        @Test func commandsHaveTheCoresOfTheirUser() throws {
            let sweep = try SweepScratch()
            let program = MPIRun.programs.appendingPathComponent("furrow").path
            let (limit, mpirun) = (["taskset", "-c", "0"], ["mpirun", "-q", "-n", "2"])
            for start in [limit + mpirun, limit, mpirun + ["--bind-to", "none"] + limit] {
                let run = try Execution.run(
                    start + [program, "run", "--name", "n", "--", "nproc"],
                    in: sweep.url,
                    environment: MPIRun.environment
                )
                #expect(run.status == 0, "\(run.errors)")
                #expect(try sweep.says("logs", "1") == "1\n")
            }
        }

        @Test func namesWithLineEndsAreTasks() throws {
            let sweep = try SweepScratch()
            try sweep.scratch.write("1\n", to: "a\nb")
            try sweep.scratch.write("", to: "#c")
            let find = try MPIRun.run(
                "furrow",
                ["run", "-0", "--tasks", "-", "--", "wc", "-l", "{}"],
                ranks: nil,
                in: sweep.url,
                shell: "find . -type f -print0 | exec \"$0\" \"$@\""
            )
            #expect(find.status == 0, "\(find.errors)")
            #expect(Set(try sweep.results().map { $0["task"] }) == ["./a\nb", "./#c"])
            #expect(try sweep.furrow(["run", "-0", "--", "true"]).status == 64)
        }
    }
}
