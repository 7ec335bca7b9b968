import Foundation
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
            _ = try sweep.scratch.write("", to: "runs/tell/latest/good")
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
            _ = try sweep.scratch.write("", to: "runs/tell/latest/good")
            #expect(try sweep.furrow(["run", "--resume"], ranks: 3).status == 0)
            for job in 1...10 {
                #expect(try sweep.says("logs", "\(job)") == "output of \(job)\n")
            }
        }
    }
}
