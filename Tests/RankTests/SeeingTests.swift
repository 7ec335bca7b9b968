import Foundation
import TestSupport
import Testing

extension RankTests {
    /// The commands that show a run, besides its report.
    @Suite struct Seeing {
        private let sweep: SweepScratch

        init() throws { sweep = try SweepScratch() }

        private static let yaml = """
            name: seen
            command: 'sleep 0.05; test {x} != 3 && echo score {x}.5'
            parameters: {x: {grid: [1, 2, 3]}, seed: {grid: [0, 1]}}
            results: {score: {regex: 'score ([0-9.]+)'}}
            """

        @Test func aNoticeIsSentAndMetricsAreWritten() throws {
            let run = try sweep.run(
                Self.yaml,
                ranks: 3,
                [
                    "--on-failure", "continue", "--metrics", "seen.prom", "--notify",
                    #"echo "$FURROW_EVENT,$FURROW_STATE,$FURROW_STATUS,$FURROW_FAILED" >>notes"#,
                ]
            )
            #expect(run.status == 1)
            // The command of the first failure may take longer than the run.
            try wait {
                (try? sweep.scratch.text("notes"))?.split(separator: "\n").count == 2
            }
            let notes = try sweep.scratch.text("notes").split(separator: "\n").sorted()
            #expect(notes == ["end,failed,1,2", "failure,running,,"])
            let metrics = try sweep.scratch.text("seen.prom")
            #expect(metrics.contains("stage=\"seen\",state=\"succeeded\"} 4\n"))
            #expect(metrics.contains("furrow_run_exit_status{"))
        }

        @Test func aFailingNoticeIsAWarning() throws {
            let run = try sweep.furrow(
                ["run", "--notify", "exit 3", "--name", "seen", "--", "true"],
                ranks: nil
            )
            #expect(run.status == 0 && run.errors.contains("Warning: --notify: "))
            let refused = try sweep.furrow(
                ["run", "--metrics", "nowhere/a.prom", "--name", "seen", "--", "true"],
                ranks: nil
            )
            #expect(refused.status == 64 && refused.errors.contains("--metrics 'nowhere/a.prom'"))
        }

        @Test func groupsComparisonsAndExplanations() throws {
            let run = try sweep.run(Self.yaml, ranks: nil, ["--on-failure", "continue"])
            #expect(run.status == 1)
            let groups = try sweep.says(
                "results",
                "--group-by",
                "x",
                "--stat",
                "mean,count",
                "--columns",
                "x,jobs,mean(score),count(score)",
                "--format",
                "csv"
            )
            #expect(groups == "x,jobs,mean(score),count(score)\n1,2,1.5,2\n2,2,2.5,2\n3,2,,0\n")
            let wrong = try sweep.furrow(["results", "--group-by", "x", "--stat", "maen"])
            #expect(wrong.status == 64 && wrong.errors.contains("did you mean 'mean'?"))
            #expect(
                try sweep.says("results", "--format", "jsonl").split(separator: "\n").count == 6
            )
            #expect(
                try sweep.says("compare", "seen", "seen").hasPrefix(
                    "6 jobs in both\nstate: the same\n"
                )
            )
            let reason = "the run failed, and 2 jobs have not succeeded"
            #expect(try sweep.says("explain").hasPrefix("\(reason)\n"))
            #expect(try sweep.says("explain", "5").contains("it failed as serial on "))
            #expect(try sweep.says("explain", "seen", "1").contains("it succeeded as serial on "))
            #expect(try sweep.furrow(["explain", "7"]).status == 64)
            #expect(try sweep.says("status").contains(reason))
            #expect(try sweep.says("trace").hasPrefix("Trace: "))
            #expect(sweep.scratch.has("\(try sweep.newest())/trace.json"))
            // Without a terminal it prints a line.
            let top = try sweep.says("top").split(separator: "\n")
            #expect(top.first == "seen: 6/6 jobs, 2 failed, 0 running (failed)")
            // The same words everywhere.
            let words = try sweep.says("explain").split(separator: "\n")
            #expect(top.dropFirst().map { $0.dropFirst(2) } == words)
            #expect(
                try sweep.says("status").split(separator: "\n").suffix(words.count) == words[...]
            )
            let page = try sweep.scratch.text("\(sweep.newest())/report.html")
            #expect(page.contains("\"reasons\":[\"the run failed, and 2 jobs have not succeeded\""))
        }

        @Test func aRunningRunIsWatched() throws {
            let yaml = """
                name: seen
                command: 'echo from {x}; while ! test -e ready; do sleep 0.05; done'
                parameters: {x: {grid: [1, 2, 3, 4]}}
                """
            let run = try sweep.run(yaml, ranks: 3) { _ in
                try wait {
                    (try? sweep.furrow(["explain"]))?.output
                        .contains("all 2 workers are busy: 2 jobs wait for a free one") == true
                }
                #expect(
                    try sweep.says("explain", "4").contains(
                        "it has not started: 1 job is before it"
                    )
                )
                #expect(try sweep.says("explain", "1").contains("it runs as task "))
                // A terminal of its own, and keys: sort, the output of a job, back, quit.
                let keys =
                    "(sleep 1; printf s; sleep 1; printf '\\r'; sleep 1; printf '\\r'; sleep 1; printf q)"
                let top = "\(MPIRun.programs.path)/furrow top"
                let watched = try Execution.run(
                    [
                        "bash", "-c",
                        "\(keys) | timeout 60 script -q -c 'stty cols 70 rows 12; \(top)' /dev/null",
                    ],
                    in: sweep.url,
                    environment: ["TERM": "xterm", "LC_ALL": "C.UTF-8"]
                )
                #expect(watched.status == 0, "\(watched.errors)")
                for part in ["seen: running", "0/4", "░░░", "job 1 for ", "sort by job", "from "] {
                    #expect(watched.output.contains(part), "\(part) in \(watched.output)")
                }
                // The screen is given back.
                #expect(watched.output.contains("\u{1B}[?1049l"))
                try sweep.scratch.write("", to: "ready")
            }
            #expect(run.status == 0, "\(run.errors)")
        }
    }
}
