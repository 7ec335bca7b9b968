import Foundation
import TestSupport
import Testing

extension RankTests {
    /// What `furrow` makes of its input, and the commands of the login node.
    @Suite struct SweepInput {
        /// How mistakes are found is the matter of `SweepReaderTests`: here, that a run ends with it.
        @Test(arguments: [
            ("command: [true]\nparametrs: {a: 1}", "sweep.yaml:2:1", "parameters"),
            ("command: [a\n", "sweep.yaml", "Error"),
            ("command: [true]\nparameters: {x: {file: nowhere}}", "sweep.yaml:2", "nowhere"),
        ])
        func aMistakeIsNamedWithItsPlace(yaml: String, place: String, word: String) throws {
            let sweep = try SweepScratch()
            let run = try sweep.run(yaml, ranks: 3)
            #expect(run.status == 65, "\(run.errors)")
            #expect(run.errors.contains(place), "\(run.errors)")
            #expect(run.errors.contains(word), "\(run.errors)")
            #expect(run.errors.components(separatedBy: "Error:").count == 2, "\(run.errors)")
            #expect(!FileManager.default.fileExists(atPath: sweep.url.path + "/runs"))
        }

        @Test(arguments: [
            (["run"], "nothing to run"), (["run", "--param", "x", "--", "true"], "NAME=VALUE"),
            (["run", "x.yaml", "--tasks", "y"], "either"), (["run", "--resume", "nope"], "nope"),
            (["run", "--set", "a=1", "--", "true"], "--set"), (["status", "nope"], "nope"),
            (["logs"], "job"), (["results"], "runs"), (["frobnicate"], "frobnicate"),
            (["run", "--resume", "--set", "a=1"], "--set"),
            (["run", "--device", "level-zero", "--", "true"], "ZE_AFFINITY_MASK"),
            (["run", "--gpus-per-job", "65", "--", "true"], "65 for each worker"),
            (["submit", "x.yaml", "--time", "2 hours"], "--time"),
            (["submit", "x.yaml", "--", "--resume"], "after --"),
        ])
        func wrongUsageIsSaid(arguments: [String], word: String) throws {
            try expectUsageError(arguments, ranks: nil, word)
        }

        @Test(arguments: [
            (
                ["run", "--param", "n=1..3", "echo", "{n}"],
                "the command must follow --: furrow run --param n=1..3 -- echo '{n}'"
            ),
            (
                ["plan", "--param", "n=a b", "--shell", "bash", "printf", "-v", "x", "{n}"],
                "must follow --: furrow plan --param 'n=a b' --shell bash -- printf -v x '{n}'"
            ),
            (["run", "--tasks", "t", "gzip", "-9"], "furrow run --tasks t -- gzip -9"),
            (["run", "echo", "{n}", "--param", "n=1..3"], "the command must come last, after --"),
            (["run", "--param", "n=1..3", "echo"], "there is no sweep file 'echo'"),
            (["run", "--param", "n=1..3", "--shufle", "3"], "Unknown option '--shufle'"),
            (["run", "a.yaml", "b.yaml"], "Unexpected argument 'b.yaml'"),
            (["retry"], "there is no command 'retry'; to run what failed or did not end: "),
            (["rerun", "digits", "--keep-failed"], "furrow run --resume RUN"),
            (["reslts"], "there is no command 'reslts'; did you mean 'results'?"),
            (["/etc/passwd"], "furrow run /etc/passwd"),
        ])
        func aSlipHasARemedy(arguments: [String], words: String) throws {
            try expectUsageError(arguments, ranks: nil, words)
        }

        @Test func anUnknownCommandIsNamedOnceOnAllRanks() throws {
            try expectUsageError(["retry"], ranks: 3, "there is no command 'retry'")
        }

        /// Found by the parser, by a command of the login node, and by rank 0 alone.
        @Test(arguments: [
            (["frobnicate"], "frobnicate"), (["status", "nope"], "nope"),
            (["run", "--resume", "nope"], "nope"),
        ])
        func wrongUsageIsSaidOnceByManyRanks(arguments: [String], word: String) throws {
            try expectUsageError(arguments, ranks: 3, word)
        }

        private func expectUsageError(_ arguments: [String], ranks: Int?, _ word: String) throws {
            let run = try SweepScratch().furrow(arguments, ranks: ranks)
            #expect(run.status == 64, "\(run.errors)")
            #expect(run.errors.contains(word), "\(run.errors)")
            #expect(run.errors.components(separatedBy: "Error:").count == 2, "\(run.errors)")
        }

        @Test func aPlanShowsWhatWouldRun() throws {
            let sweep = try SweepScratch()
            try sweep.scratch.write(
                """
                command: "train --lr {lr} '{name}'"
                parameters:
                  lr: {linspace: {start: 0, stop: 1, num: 3}}
                  seed: {range: {start: 0, stop: 0.3, step: 0.1}}
                  zip: {name: [it's, b], size: [007, "8"]}
                exclude: [{lr: 0.5}]
                include: [{lr: 7.0, name: own}]
                """,
                to: "sweep.yaml"
            )
            let commands = try sweep.says("plan", "sweep.yaml", "--format", "commands")
                .split(separator: "\n")
            #expect(commands.count == 13)
            #expect(commands[0] == #"train --lr 0.0 '''it'\''s'''"#)
            let shown = try Execution.run([
                "sh", "-c", "train() { printf '%s|' \"$@\"; }; \(commands[0])",
            ])
            #expect(shown.output == "--lr|0.0|it's|")
            let json = try sweep.says("plan", "sweep.yaml", "--format", "json")
            let plan = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]]
            let parameters = try #require(plan?[2]["parameters"] as? [String: Any])
            #expect(parameters["seed"] as? Double == 0.1 && parameters["lr"] as? Double == 0)
            #expect(commands[12].contains("7.0") && commands[12].contains("own"))
        }

        @Test func warningsAreSaidOnce() throws {
            let sweep = try SweepScratch()
            let run = try sweep.run(
                "command: [echo, '{a}']\nparameters: {a: {grid: [1, 1]}, b: 2}",
                ranks: 3
            )
            #expect(run.status == 0)
            #expect(run.errors.components(separatedBy: "a=1 is given twice").count == 2)
            #expect(run.errors.components(separatedBy: "uses the parameter 'b'").count == 2)
            #expect(try sweep.results().count == 2)
        }

        @Test func aHundredThousandJobsArePlannedAtOnce() throws {
            let sweep = try SweepScratch()
            let plan = Process()
            plan.executableURL = MPIRun.programs.appendingPathComponent("furrow")
            plan.arguments = ["plan", "--param", "n=1..100000", "--", "echo", "{n}"]
            plan.currentDirectoryURL = sweep.url
            let pipe = Pipe()
            plan.standardOutput = pipe
            let start = ContinuousClock.now
            try plan.run()
            let first = try #require(try pipe.fileHandleForReading.read(upToCount: 100))
            let delay = ContinuousClock.now - start
            #expect(
                String(decoding: first, as: UTF8.self).hasPrefix("job\tparameters\tcommand\n1\t")
            )
            let rest = try #require(try pipe.fileHandleForReading.readToEnd())
            plan.waitUntilExit()
            #expect(String(decoding: rest.suffix(30), as: UTF8.self).hasSuffix("echo 100000\n"))
            // A guard against a plan that is made as a whole first: that would take minutes.
            #expect(delay < .seconds(60), "\(delay)")
        }

        @Test func settingsTakeTheFilesPlace() throws {
            let sweep = try SweepScratch()
            let yaml = "command: [echo, '{a.b}']\nparameters: {a: {b: 1}}"
            let run = try sweep.run(yaml, ranks: 2, ["--set", "parameters.a.b={grid: [x, y]}"])
            #expect(run.status == 0, "\(run.errors)")
            #expect(try sweep.says("logs", "2") == "y\n")
            #expect(try sweep.run(yaml, ranks: 2, ["--set", "parametrs.a=1"]).status == 64)
        }

        @Test func aShuffleKeepsTheNumbers() throws {
            let sweep = try SweepScratch()
            let run = try sweep.furrow(
                ["run", "--shuffle", "3", "--param", "n=1..30", "--", "echo", "{n}", "{job}"],
                ranks: 2
            )
            #expect(run.status == 0)
            #expect(try sweep.says("logs", "17") == "17 17\n")
            let order = try sweep.journal().sorted { $0.start < $1.start }.map(\.job)
            #expect(order != Array(1...30) && order.sorted() == Array(1...30))
        }

        @Test func theStateIsShownWhileItRunsAndAfter() throws {
            let sweep = try SweepScratch()
            let script = "echo out {n}; until [ -e seen ]; do sleep 0.1; done; sleep 1"
            let run = try sweep.furrow(
                ["run", "--param", "n=1..4", "--", "sh", "-c", script],
                ranks: 3
            ) { _ in
                try wait {
                    let status = try sweep.furrow(["status"]).output
                    return status.contains("running, process") && status.contains("task 1 on")
                        && status.contains("0 done, 2 running, 0 failed, 2 left")
                }
                #expect(try sweep.says("runs").contains("running"))
                try sweep.scratch.write("", to: "seen")
                #expect(try sweep.says("logs", "1", "--follow") == "out 1\n")
                #expect(try sweep.says("logs", "1") == "out 1\n")
            }
            #expect(run.status == 0, "\(run.errors)")
            #expect(try sweep.says("status").contains("4 done, 0 failed, 0 left"))
            #expect(try sweep.says("runs").contains("succeeded"))
        }

        @Test func resultsAreSortedFilteredAndChosen() throws {
            let sweep = try SweepScratch()
            let run = try sweep.run(
                """
                command: 'echo "v={a}"'
                parameters: {a: {grid: [3, 10, 2]}, m: {grid: [knn, pca]}}
                results: {v: {regex: 'v=(.*)'}}
                """,
                ranks: 2
            )
            #expect(run.status == 0)
            let text = try sweep.says(
                "results",
                "--format",
                "csv",
                "--sort",
                "-v",
                "--columns",
                "v,m",
                "--where",
                #"m == "knn" and v > 2"#
            )
            #expect(text == "v,m\n10,knn\n3,knn\n")
            #expect(try sweep.furrow(["results", "--sort", "vv"]).status == 64)
            #expect(try sweep.furrow(["results", "--where", "v >"]).status == 64)
        }

        @Test func pathsOfOneCharacter() throws {
            let sweep = try SweepScratch()
            try sweep.scratch.write("command: [echo, hi]\n", to: "s")
            #expect(try sweep.says("plan", "s").contains("echo hi"))
            for ranks in [nil, 2] {
                let run = try sweep.furrow(["run", "s", "--runs-dir", "r"], ranks: ranks)
                #expect(run.status == 0, "\(run.errors)")
                let named = try sweep.furrow(
                    ["run", "--run-dir", "d\(ranks ?? 1)", "--", "true"],
                    ranks: ranks
                )
                #expect(named.status == 0, "\(named.errors)")
            }
            #expect(try sweep.says("runs", "--runs-dir", "r").contains("s/"))
            for path in [".", "./", "..", "/", "~", "x"] {
                let plan = try sweep.furrow(["plan", path])
                #expect([64, 65].contains(plan.status), "\(path): \(plan.errors)")
            }
            try sweep.scratch.write("echo {}\n", to: "t")
            #expect(try sweep.says("plan", "--tasks", "t").contains("echo"))
        }
    }
}
