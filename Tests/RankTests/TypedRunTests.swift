import Foundation
import TestSupport
import Testing

extension RankTests {
    /// The commands of the login node on a run of a typed application.
    @Suite struct TypedRuns {
        private let sweep: SweepScratch

        init() throws {
            sweep = try SweepScratch()
            try sweep.scratch.write(
                "step: {point: {grid: [3, 1, 2]}, milliseconds: 0, bytes: 5}\n",
                to: "step.yaml"
            )
            try sweep.scratch.write("round: {turn: {grid: [0, 1]}}\n", to: "rounds.yaml")
        }

        private func run(_ arguments: [String], failures: String = "") throws -> MPIRun.Outcome {
            let run = try MPIRun.run(
                "Scenarios",
                arguments,
                ranks: 3,
                in: sweep.url,
                environment: ["STEP_FAILURES": failures]
            )
            #expect(!run.timedOut)
            return run
        }

        private func failing() throws {
            let run = try run(
                [
                    "recorded", "--config", "step.yaml", "--run-dir", "runs/t/1", "--on-failure",
                    "continue",
                ],
                failures: "1:9"
            )
            #expect(run.status == 1)
        }

        /// It may load a model.
        @Test(arguments: [[], ["--run-dir", "runs/t/1"]])
        func thePipelineIsMadeOnceARank(options: [String]) throws {
            let run = try run(["recorded", "--config", "step.yaml"] + options)
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.components(separatedBy: "the pipeline is made").count == 4)
        }

        @Test func statusCountsTheJobs() throws {
            try failing()
            #expect(
                try sweep.says("status", "t").contains("step: 3 jobs: 2 done, 1 failed, 0 left")
            )
            #expect(try sweep.says("runs").contains("failed     2       1     0"))
        }

        /// What an application no longer makes stays in the journal, but not in the tables; and a job
        /// has the number of the last start.
        @Test(arguments: [1, 3])
        func tablesHaveTheJobsOfTheLastStart(ranks: Int) throws {
            for turns in [[0, 1, 3], [3, 4, 0], [0, 1], [5, 1, 4]] {
                let jobs = "crash: {turn: {grid: \(turns)}, way: once}\n"
                try sweep.scratch.write(jobs, to: "t.yaml")
                let run = try MPIRun.run(
                    "Scenarios",
                    ["crashes", "--config", "t.yaml", "--run-dir", "runs/t/1", "--resume"],
                    ranks: ranks,
                    in: sweep.url
                )
                #expect(run.status == 0, "\(run.errors)")
                #expect(run.output.contains("saved \(turns)"), "\(run.output)")
                let columns = "job,turn"
                let said = try sweep.says("results", "t", "--format", "csv", "--columns", columns)
                let rows = zip(1..., turns).map { "\($0),\($1)\n" }.joined()
                #expect(said == "job,turn\n" + rows)
                let csv = try sweep.scratch.text("runs/t/1/results.csv")
                #expect(csv.split(separator: "\n").count == 1 + turns.count, "\(csv)")
                let status = try sweep.says("status", "t")
                #expect(status.contains("\(turns.count) jobs: \(turns.count) done"), "\(status)")
            }
        }

        /// Its directory is there, but nothing in it that could be lost.
        @Test func aRunThatWasRefusedIsNoRunToResume() throws {
            func run(_ turn: String) throws -> MPIRun.Outcome {
                try sweep.scratch.write("crash: {turn: \(turn), way: once}\n", to: "t.yaml")
                return try self.run(["crashes", "--config", "t.yaml", "--run-dir", "runs/t/1"])
            }
            #expect(try run("x").status == 65)
            #expect(try run("7").output.contains("saved [7]"))
            let again = try run("7")
            #expect(again.status == 64 && again.errors.contains("already has a run"))
        }

        @Test func resultsAreRows() throws {
            try failing()
            let output = try sweep.says("results", "t", "--format", "json", "--sort", "point")
            let rows = try #require(
                try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]]
            )
            #expect(rows.map { $0["point"] as? Int } == [1, 2, 3])
            #expect(rows.map { $0["job"] as? Int } == [2, 3, 1])
            #expect(rows.map { $0["state"] as? String } == ["failed", "succeeded", "succeeded"])
            #expect(rows.map { $0["ballast"] as? String } == [nil, "bbbbb", "bbbbb"])
            #expect(rows.map { $0["value"] as? Double } == [nil, 1.0 / 3, 0.25])
            let filtered = try sweep.says(
                "results",
                "t",
                "--where",
                "value > 0.3",
                "--format",
                "csv"
            )
            #expect(filtered.split(separator: "\n").count == 2)
            // The parameters as they are declared.
            #expect(filtered.hasPrefix("job,point,milliseconds,bytes,state,"), "\(filtered)")
        }

        @Test func logsSayWhatFailedAndThatOutputIsNotKept() throws {
            try failing()
            #expect(try sweep.says("logs", "t", "2") == "attempt 1 failed as planned\n")
            let kept = try sweep.furrow(["logs", "t", "1"])
            #expect(kept.status == 64 && kept.errors.contains("kept no output"))
            #expect(try sweep.furrow(["logs", "t", "4"]).status == 64)
        }

        @Test func theLibraryWritesTablesOfEachStage() throws {
            let run = try run(["rounds", "--config", "rounds.yaml", "--run-dir", "runs/t/1"])
            #expect(run.status == 0, "\(run.errors)")
            for file in ["round", "round-2", "round-3"] {
                let table = try sweep.scratch.text("runs/t/1/\(file).results.csv")
                #expect(table.hasPrefix("job,turn,state,result,attempt,"))
                #expect(table.split(separator: "\n").count == 3)
                let log = try sweep.scratch.text("runs/t/1/\(file).joblog.tsv")
                #expect(log.hasSuffix("round {\"turn\":1}\n"))
            }
            let last = try sweep.scratch.text("runs/t/1/results.csv")
            #expect(last == (try sweep.scratch.text("runs/t/1/round-3.results.csv")))
            #expect(try sweep.says("status", "t").contains("round-2: 2 jobs: 2 done"))
        }

        @Test func anApplicationsOwnTableStays() throws {
            let run = try run(["recorded", "--config", "step.yaml", "--run-dir", "runs/t/1"])
            #expect(run.status == 0, "\(run.errors)")
            #expect(
                try sweep.scratch.text("runs/t/1/results.csv")
                    == "3,0.25\n1,0.5\n2,0.3333333333333333\n"
            )
        }
    }
}
