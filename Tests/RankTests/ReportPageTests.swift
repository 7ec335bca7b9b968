import Foundation
import Furrow
import TestSupport
import Testing

extension RankTests {
    /// Reports of runs, opened in a browser.
    @Suite(.enabled(if: ReportBrowser.obstacle == nil, "\(ReportBrowser.obstacle ?? "")"))
    struct ReportPages {
        private let sweep: SweepScratch

        init() throws { sweep = try SweepScratch() }

        private static let yaml = #"""
            name: seen
            command: |
              test {word} = 'bad' && { echo 'no such file 17' >&2; exit 3; }
              echo score 0.{x}{y}0
            parameters:
              word: {grid: ['</script><script>document.title="caught"</script>', '"a,b"', bad]}
              x: {grid: [1, 2, 3, 4]}
              y: {grid: [5, 6, 7]}
            results:
              score: {regex: 'score ([0-9.]+)'}
            """#

        private func report(_ arguments: String...) throws -> String {
            let run = try sweep.furrow(["report"] + arguments)
            #expect(run.status == 0, "\(run.errors)")
            let path = run.output.dropFirst("Report: ".count).prefix { $0 != "\n" }
            return try String(
                contentsOf: sweep.url.appendingPathComponent(String(path)),
                encoding: .utf8
            )
        }

        /// What every report must do.
        private static let common = """
            const common = () => ({
              title: document.title,
              headline: document.querySelector("#headline").innerText,
              sections: [...document.querySelectorAll("section")].map((node) => node.id).join(" "),
              width: document.documentElement.scrollWidth - document.documentElement.clientWidth,
            });

            """

        private func open(
            _ text: String,
            width: Int = 1280,
            _ script: String = "return common();"
        ) throws -> ReportBrowser.Finding {
            let found = try ReportBrowser.open(text, width: width, Self.common + script)
            #expect(found.problems == [])
            #expect(found.requests == [])
            return found
        }

        @Test(.timeLimit(.minutes(5)), arguments: [1280, 390])
        func aSweepIsShown(width: Int) throws {
            let run = try sweep.run(Self.yaml, ranks: 3, ["--on-failure", "continue"])
            #expect(run.status == 1)
            // The run has written it.
            let path = "\(try sweep.newest())/report.html"
            let text = try sweep.scratch.text(path)
            let found = try open(
                text,
                width: width,
                """
                const stage = stages[0];
                const cells = () => [...document.querySelectorAll("#rows tbody tr")].map((row) =>
                  [...row.cells].map((cell) => cell.textContent));
                const sort = (name) => [...document.querySelectorAll("#rows th button")]
                  .find((button) => button.textContent === name).click();
                const csv = selectionCSV(stage);
                const column = [...document.querySelectorAll("#rows th")]
                  .findIndex((head) => head.textContent === "score");
                sort("score"); sort("score");
                const best = cells()[0][column];
                sort("score");
                const worst = cells()[0][column];
                const filter = document.getElementById("filter");
                const type = (text) => {
                  filter.value = text;
                  filter.dispatchEvent(new Event("input"));
                  return document.getElementById("selected").textContent;
                };
                const filtered = type("x>=3 state=succeeded");
                const wrong = type("z=3");
                type("");
                const axis = document.querySelector('#parallel g[data-column="y"] rect:last-child');
                const box = axis.getBoundingClientRect();
                const at = (share) => ({
                  clientX: box.left + 5, clientY: box.bottom - 6 - share * (box.height - 12),
                  bubbles: true,
                });
                axis.dispatchEvent(new PointerEvent("pointerdown", at(-0.02)));
                dispatchEvent(new PointerEvent("pointermove", at(0.3)));
                dispatchEvent(new PointerEvent("pointerup", at(0.3)));
                const brushed = document.getElementById("selected").textContent;
                const both = type("x=2");
                const chosen = selectionCSV(stage).trim().split("\\n").length - 1;
                [...document.querySelectorAll("#selection button")][0].click();
                const axisNode = document.querySelector('#parallel g[data-column="x"]');
                axisNode.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp" }));
                const keyed = document.getElementById("selected").textContent;
                stage.clear();
                const canvas = document.querySelector("#timeline canvas");
                canvas.dispatchEvent(new KeyboardEvent("keydown", { key: "+" }));
                return { ...common(), csv, best, worst, filtered, wrong, brushed, both, chosen, keyed,
                  json: selectionJSON(stage),
                  failures: document.getElementById("failures").innerText };
                """
            )
            #expect(found["title"] == "seen: failed")
            #expect(found["headline"].contains("36\njobs ended"))
            #expect(found["headline"].contains("12\nfailed"))
            #expect(
                found["sections"] == "headline failures load timeline durations results facts"
            )
            // Tables scroll, pages do not.
            #expect(found["width"] == "0")
            #expect(found["csv"] == (try sweep.says("results", "--format", "csv")))
            #expect(found["best"] == "0.470" && found["worst"] == "0.150")
            #expect(found["filtered"] == "12 of 36 rows")
            #expect(found["wrong"] == "there is no column 'z'")
            #expect(found["brushed"].hasPrefix("12 of 36 rows: y is 5"), "\(found["brushed"])")
            #expect(found["both"].hasPrefix("3 of 36 rows") && found["chosen"] == "3")
            #expect(found["keyed"].contains("of 36 rows: x is 1"), "\(found["keyed"])")
            let rows = try JSONSerialization.jsonObject(with: Data(found["json"].utf8))
            #expect((rows as? [Any])?.count == 36)
            #expect(found["failures"].contains("12 jobs exit status 3 · no such file 17"))
            #expect(found["failures"].contains("test bad = 'bad' &&"))
            #expect(found["failures"].contains("word = bad"))
        }

        /// It forbids the network even to a script of its own.
        @Test func thePolicyForbidsRequests() throws {
            _ = try sweep.run(Self.yaml, ranks: nil, ["--on-failure", "continue"])
            let found = try ReportBrowser.open(
                report(),
                """
                let isRefused = false;
                try { await fetch("http://127.0.0.1:9/"); } catch { isRefused = true; }
                const image = document.createElement("img");
                image.src = "http://127.0.0.1:9/a.png";
                document.body.append(image);
                const script = document.createElement("script");
                script.textContent = "document.title = 'caught'";
                document.body.append(script);
                await new Promise((done) => setTimeout(done, 500));
                return { isRefused, title: document.title };
                """
            )
            #expect(found["isRefused"] == "1" && found["title"] == "seen: failed")
            #expect(found.problems.contains { $0.hasPrefix("connect-src") })
            #expect(found.problems.contains { $0.hasPrefix("img-src") })
            #expect(found.problems.contains { $0.hasPrefix("script-src") })
        }

        /// A score that each job has once, and others none.
        private static func score(of job: Int) -> String { "0.\(100_000 + job * 7919 % 100_003)1" }

        /// Its journal is made up: the page knows no difference.
        @Test(.timeLimit(.minutes(5))) func aHundredThousandJobsAreShown() throws {
            let made = try MadeUpRun("runs/many/1", in: sweep.scratch)
            let jobs = 100_000
            func hasFailed(_ job: Int) -> Bool { job.isMultiple(of: 200) }
            try made.write(state: .failed, end: 130, total: jobs)
            try made.write(
                (1...jobs).map { job in
                    MadeUpRun.Given(
                        job: job,
                        worker: job % 2,
                        start: 100 + Double(job / 2) * 0.0006,
                        seconds: job == 77_777 ? 0.5 : 0.0005,
                        state: hasFailed(job) ? .failed : .succeeded,
                        message: hasFailed(job) ? "no space left on disk \(job)" : nil,
                        parameters: #"{"lr":\#(1 + job % 5),"seed":\#(job)}"#,
                        result: hasFailed(job) ? nil : #"{"score":\#(Self.score(of: job))}"#
                    )
                }
            )
            let text = try report("many")
            let found = try open(
                text,
                """
                const stage = stages[0];
                const data = document.getElementById("data").textContent.length;
                const sum = (list) => list.reduce((all, value) => all + value, 0);
                const sort = (name) => [...document.querySelectorAll("#rows th button")]
                  .find((button) => button.textContent === name).click();
                const filter = document.getElementById("filter");
                const type = (text) => {
                  filter.value = text;
                  filter.dispatchEvent(new Event("input"));
                  return stage.selectedCount;
                };
                const column = [...document.querySelectorAll("#rows th")]
                  .findIndex((head) => head.textContent === "score");
                sort("score"); sort("score");
                const best = document.querySelector("#rows tbody tr").cells[column].textContent;
                const failed = type("state=failed");
                const lr = type("lr=3");
                type("");
                const axis = document.querySelector('#parallel g[data-column="lr"]');
                axis.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp" }));
                const brushed = stage.selectedCount;
                const csv = selectionCSV(stage);
                stage.clear();
                document.querySelector("#timeline canvas")
                  .dispatchEvent(new KeyboardEvent("keydown", { key: "+" }));
                return { ...common(), data, best, failed, lr, brushed, csv, all: stage.rows,
                  columns: selectionCSV(stage).split("\\n").length - 2,
                  load: sum(report.load.succeeded), bad: sum(report.load.failed),
                  steps: report.timeline.steps.count,
                  durations: sum(stage.durations.succeeded) + sum(stage.durations.failed),
                  stragglers: stage.durations.stragglers.join(" "),
                  values: JSON.stringify(stage.groups.find((group) => group.name === "lr")),
                  failures: document.getElementById("failures").innerText };
                """
            )
            // The same numbers as in the table.
            let table = try sweep.says("results", "many", "--format", "csv")
            let rows = table.split(separator: "\n")
            #expect(rows.count == jobs + 1)
            #expect(found["headline"].contains("100,000\njobs ended"))
            #expect(found["headline"].contains("99,500\nsucceeded"))
            #expect(found["headline"].contains("500\nfailed"))
            #expect(rows.count { $0.contains(",failed,") } == 500)
            #expect(found["load"] == "99500" && found["bad"] == "500")
            #expect(found["durations"] == "100000" && found["stragglers"] == "77777")
            #expect(found["failures"].contains("500 jobs no space left on disk"))
            let values = try #require(
                JSONSerialization.jsonObject(with: Data(found["values"].utf8)) as? [String: Any]
            )
            #expect(values["jobs"] as? [Int] == [20_000, 20_000, 20_000, 20_000, 20_000])
            #expect(values["failed"] as? [Int] == [500, 0, 0, 0, 0])
            #expect(found["best"] == (1...jobs).filter { !hasFailed($0) }.map(Self.score).max())
            #expect(found["failed"] == "500" && Int(found["lr"]).map { $0 > 1_500 } == true)
            #expect(found["all"] == found["columns"])
            #expect(Int(found["all"]).map { (9_000...10_000).contains($0) } == true)
            let shown = found["csv"].split(separator: "\n")
            #expect(shown.count - 1 == Int(found["brushed"]) && shown.first == rows.first)
            #expect(Set(rows).isSuperset(of: shown))
            #expect(Int(found["steps"]).map { $0 >= 1_000 } == true)
            // Beside the data there is little.
            let size = try #require(Int(found["data"]))
            #expect(text.utf8.count - size < 200_000 && size < 4_000_000, "\(size)")
        }

        @Test func aRunWithoutJobsIsShown() throws {
            try sweep.scratch.write("", to: "none.txt")
            let run = try sweep.furrow(["run", "--tasks", "none.txt"], ranks: nil)
            #expect(run.status == 0, "\(run.errors)")
            let found = try open(try report())
            #expect(found["headline"].contains("No job has ended."))
            #expect(found["sections"] == "headline failures results facts")
        }

        @Test func aKilledRunIsShown() throws {
            try sweep.scratch.write(
                "name: seen\ncommand: sleep {n}\nparameters: {n: {grid: [0.01, 0.02, 600, 601]}}\n",
                to: "sweep.yaml"
            )
            let run = try sweep.furrow(["run", "sweep.yaml"], ranks: 3) { process in
                try wait {
                    (try? sweep.furrow(["status"]))?.output.contains("2 done, 2 running")
                        == true
                }
                // The state is written every second.
                try wait {
                    let state = try? sweep.scratch.text("\(sweep.newest())/state.json")
                    return state?.contains("\"job\":4") == true
                }
                kill(process.processIdentifier, SIGKILL)
            }
            #expect(run.status != 0)
            try wait { try !sweep.says("status").contains("running") }
            let found = try open(
                try report(),
                "return { ...common(), states: report.timeline.attempts.state.join(' ') };"
            )
            #expect(found["headline"].contains("was killed"))
            #expect(found["headline"].contains("2 of 4\njobs ended"))
            #expect(found["states"] == "0 0 4 4")
        }

        @Test func aTypedRunHasAReport() throws {
            try sweep.scratch.write(
                "step: {point: {grid: [3, 1, 2]}, milliseconds: 5, bytes: 5}\n",
                to: "step.yaml"
            )
            let run = try MPIRun.run(
                "Scenarios",
                [
                    "recorded", "--config", "step.yaml", "--run-dir", "runs/t/1", "--on-failure",
                    "continue",
                ],
                ranks: 3,
                in: sweep.url,
                environment: ["STEP_FAILURES": "1:9"]
            )
            #expect(run.status == 1)
            let found = try open(
                try sweep.scratch.text("runs/t/1/report.html"),
                "return { ...common(), csv: selectionCSV(stages[0]) };"
            )
            #expect(found["headline"].contains("3\njobs ended"))
            #expect(found["csv"] == (try sweep.says("results", "t", "--format", "csv")))
        }

        @Test func aStageIsChosen() throws {
            let run = try sweep.run(
                """
                name: two
                stages:
                  - name: first
                    command: 'true'
                    parameters: {x: {grid: [1, 2, 3]}}
                  - name: second
                    command: 'true'
                    parameters: {y: {grid: [1, 2]}}
                """,
                ranks: 3
            )
            #expect(run.status == 0, "\(run.errors)")
            let found = try open(
                try report(),
                """
                const rows = () => document.querySelectorAll("#rows tbody tr").length;
                const before = rows();
                [...document.querySelectorAll("button")]
                  .find((button) => button.textContent === "first (3)").click();
                return { ...common(), before, after: rows() };
                """
            )
            #expect(found["before"] == "2" && found["after"] == "3")
            #expect(found["headline"].contains("5\njobs ended"))
        }

        @Test func aRunCanDoWithoutAReport() throws {
            let run = try sweep.run(
                Self.yaml,
                ranks: nil,
                ["--no-report", "--on-failure", "continue"]
            )
            #expect(run.status == 1)
            #expect(!sweep.scratch.has("\(try sweep.newest())/report.html"))
        }

        /// A report that cannot be written costs a warning, and not the run.
        @Test func aRunDoesNotFailForItsReport() throws {
            let directory = "kept"
            try FileManager.default.createDirectory(
                atPath: sweep.scratch.path + "/\(directory)",
                withIntermediateDirectories: true
            )
            let run = try sweep.furrow(
                [
                    "run", "--run-dir", directory, "--", "mkdir",
                    "\(sweep.scratch.path)/kept/report.html",
                ],
                ranks: nil
            )
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.errors.contains("Warning: the report could not be written: "))
            #expect(try sweep.says("status", directory).contains("succeeded"))
        }
    }
}
