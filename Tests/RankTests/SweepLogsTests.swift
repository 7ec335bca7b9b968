import Foundation
import TestSupport
import Testing

extension RankTests {
    /// `furrow logs`: what it shows is that job's and no other's.
    @Suite struct SweepLogs {
        /// Jobs that say who they are; those from 8 on fail until the run directory has `good`.
        private let yaml = """
            name: tell
            command: "echo output of {n}; test {n} -lt 8 || test -e {run_dir}/good"
            parameters: {n: {range: {start: 1, stop: 11}}}
            """

        @Test(arguments: [nil, 2])
        func outputThatWasRemovedIsGoneAndNotAnotherJobs(ranks: Int?) throws {
            let sweep = try SweepScratch()
            #expect(try sweep.run(yaml, ranks: ranks, ["--on-failure", "continue"]).status == 1)
            let folder = sweep.url.path + "/runs/tell/latest/output"
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
            }
            try sweep.scratch.write("", to: "runs/tell/latest/good")
            #expect(try sweep.furrow(["run", "--resume"], ranks: ranks).status == 0)
            for job in 1...7 {
                let logs = try sweep.furrow(["logs", "\(job)"])
                #expect(logs.status == 64 && logs.output == "", "\(logs.output)")
                #expect(logs.errors.contains("the output of job \(job) of"), "\(logs.errors)")
                #expect(logs.errors.contains("is missing"), "\(logs.errors)")
            }
            for job in 8...10 {
                #expect(try sweep.says("logs", "\(job)") == "output of \(job)\n")
            }
        }

        @Test func outputStaysReadableOverResumesOnOtherRanks() throws {
            let sweep = try SweepScratch()
            #expect(try sweep.run(yaml, ranks: 4, ["--on-failure", "continue"]).status == 1)
            #expect(try sweep.furrow(["run", "--resume"], ranks: 2).status == 1)
            try sweep.scratch.write("", to: "runs/tell/latest/good")
            #expect(try sweep.furrow(["run", "--resume"], ranks: 3).status == 0)
            for job in 1...10 {
                #expect(try sweep.says("logs", "\(job)") == "output of \(job)\n")
            }
        }

        /// Jobs of half a second, looked at all the time: each shows its own lines, from the first on.
        @Test(arguments: [nil, 3])
        func whileARunGoesOnEachJobShowsItsOwn(ranks: Int?) throws {
            let sweep = try SweepScratch()
            var seen: Set<Int> = []
            let run = try sweep.furrow(
                [
                    "run", "--param", "n=1..8", "--", "sh", "-c",
                    "echo start of {n}; sleep 0.5; echo end of {n}",
                ],
                ranks: ranks
            ) { furrow in
                try wait { sweep.hasRun }
                while furrow.isRunning {
                    for job in 1...8 {
                        let text = try sweep.furrow(["logs", "\(job)"]).output
                        let parts = ["start of \(job)\n", "end of \(job)\n"]
                        #expect(["", parts[0], parts[0] + parts[1]].contains(text), "job \(job)")
                        if text == parts[0] { seen.insert(job) }
                    }
                }
            }
            #expect(run.status == 0, "\(run.errors)")
            #expect(!seen.isEmpty, "no job was looked at while it ran")
            let left = try FileManager.default.contentsOfDirectory(
                atPath: sweep.url.path + "/\(try sweep.newest())/output"
            )
            #expect(left.allSatisfy { $0.hasPrefix("worker-") }, "\(left)")
        }

        @Test func aJobIsFollowedToItsEndAndNoFurther() throws {
            let sweep = try SweepScratch()
            let script = "for i in 1 2 3 4 5; do echo {n} $i; sleep 0.2; done"
            let run = try sweep.furrow(
                ["run", "--param", "n=1..6", "--", "sh", "-c", script],
                ranks: 2
            ) { _ in
                try wait { sweep.hasRun }
                for job in [2, 4] {
                    let text = (1...5).map { "\(job) \($0)\n" }.joined()
                    #expect(try sweep.says("logs", "\(job)", "--follow") == text)
                }
            }
            #expect(run.status == 0, "\(run.errors)")
        }

        @Test func aJobIsFollowedOverItsAttempts() throws {
            let sweep = try SweepScratch()
            let script = "echo attempt {attempt}; sleep 0.5; test {attempt} = 3"
            let run = try sweep.furrow(
                [
                    "run", "--retries", "2", "--retry-delay", "1s", "--param", "n=1..2", "--", "sh",
                    "-c", script,
                ],
                ranks: 2
            ) { _ in
                try wait { sweep.hasRun }
                #expect(
                    try sweep.says("logs", "2", "--follow") == "attempt 1\nattempt 2\nattempt 3\n"
                )
            }
            #expect(run.status == 0, "\(run.errors)")
            #expect(try sweep.says("logs", "2") == "attempt 3\n")
        }

        /// What a job wrote until its run was killed is its own, until the run goes on.
        @Test func aJobThatWasKilledWithItsRunShowsWhatThereIs() throws {
            let sweep = try SweepScratch()
            let mark = mark()
            let script = "echo before {n}; test -e \"$FURROW_RUN_DIR/good\" || sleep \(mark)"
            _ = try sweep.furrow(
                ["run", "--name", "killed", "--param", "n=1..3", "--", "sh", "-c", script],
                ranks: 3
            ) { mpirun in
                try wait {
                    try sweep.furrow(["logs", "1"]).output == "before 1\n"
                        && sweep.furrow(["logs", "2"]).output == "before 2\n"
                }
                killAtOnce([mpirun.processIdentifier] + (try processes(named: "furrow")))
                try wait { try processes(with: mark).isEmpty }
            }
            let running = sweep.url.path + "/runs/killed/latest/output/running"
            #expect(try sweep.says("logs", "1") == "before 1\n")
            #expect(try sweep.says("logs", "2", "--follow") == "before 2\n")
            let none = try sweep.furrow(["logs", "3"])
            #expect(none.status == 64 && none.errors.contains("has not run"), "\(none.errors)")
            #expect(FileManager.default.fileExists(atPath: running + "/1"))
            try sweep.scratch.write("", to: "runs/killed/latest/good")
            #expect(try sweep.furrow(["run", "--resume"], ranks: 2).status == 0)
            for job in 1...3 { #expect(try sweep.says("logs", "\(job)") == "before \(job)\n") }
            #expect(!FileManager.default.fileExists(atPath: running))
        }
    }
}
