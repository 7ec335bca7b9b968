import Foundation
import TestSupport
import Testing

extension RankTests {
    /// Jobs that take long, and run on a second worker as well.
    @Suite struct Speculation {
        private let sweep: SweepScratch
        private let mark = "300.\(UInt32.random(in: 0...UInt32.max))"
        private static let jobs = 8

        init() throws { sweep = try SweepScratch() }

        /// The last job does something else than the others, which take no time.
        private func speculate(
            _ last: String,
            ranks: Int = 3,
            _ options: [String] = [],
            whileRunning: (Process) throws -> Void = { _ in }
        ) throws -> MPIRun.Outcome {
            let script = "if [ {n} = \(Self.jobs) ]; then \(last); fi; echo ended {n}"
            return try sweep.furrow(
                ["run", "--name", "s", "--speculate", "--param", "n=1..\(Self.jobs)"] + options
                    + ["--", "sh", "-c", script],
                ranks: ranks,
                whileRunning: whileRunning
            )
        }

        private func expectEachOnce(_ run: MPIRun.Outcome) throws {
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.contains("s: 8/8 jobs, "), "\(run.output)")
            let rows = try sweep.results()
            #expect(rows.compactMap { $0["n"] } == (1...Self.jobs).map { "\($0)" })
            #expect(rows.allSatisfy { $0["state"] == "succeeded" })
            #expect(try sweep.commands().count == Self.jobs)
            #expect(try sweep.says("status", "s").contains("8 done, 0 failed, 0 left"))
            #expect(try sweep.says("logs", "s", "8").contains("ended 8"))
            let rest = try sweep.furrow(["run", "--resume"], ranks: 2)
            #expect(rest.status == 0, "\(rest.errors)")
            #expect(rest.output.contains("s: 8/8 jobs\n"), "\(rest.output)")
            try wait { try processes(with: mark).isEmpty }
        }

        private func states(of job: Int) throws -> [String] {
            try sweep.journal().filter { $0.job == job }.map(\.state).sorted()
        }

        @Test(arguments: [3, 5])
        func aCopyEndsFirst(ranks: Int) throws {
            let run = try speculate("mkdir first 2>&- && sleep \(mark)", ranks: ranks)
            try expectEachOnce(run)
            #expect(try states(of: 8) == ["cancelled", "succeeded"])
        }

        @Test func theFirstMayEndBeforeItsCopy() throws {
            let wait = "until [ -e copied ]; do sleep 0.05; done"
            let run = try speculate(
                "if mkdir first 2>&-; then \(wait); else echo > copied; exec sleep \(mark); fi"
            )
            try expectEachOnce(run)
            #expect(try states(of: 8) == ["cancelled", "succeeded"])
        }

        @Test func bothMayEndAtOnce() throws {
            for _ in 1...3 {
                let run = try speculate("echo > begun.$$; until [ -e go ]; do sleep 0.01; done") {
                    _ in
                    try wait {
                        try FileManager.default.contentsOfDirectory(atPath: sweep.url.path)
                            .count { $0.hasPrefix("begun.") } == 2
                    }
                    try sweep.scratch.write("", to: "go")
                }
                try expectEachOnce(run)
                for name in try FileManager.default.contentsOfDirectory(atPath: sweep.url.path)
                where name.hasPrefix("begun.") || name == "go" {
                    try FileManager.default.removeItem(atPath: sweep.url.path + "/" + name)
                }
            }
        }

        /// Perhaps the worker with the copy is broken.
        @Test func aFailureDoesNotCountWhileTheOtherRuns() throws {
            let run = try speculate(
                "if mkdir first 2>&-; then until [ -e failed ]; do sleep 0.05; done; "
                    + "else echo > failed; exit 3; fi"
            )
            try expectEachOnce(run)
            #expect(try states(of: 8) == ["failed", "succeeded"])
        }

        @Test func theLastFailureCounts() throws {
            let run = try speculate(
                "if mkdir first 2>&-; then until [ -e failed ]; do sleep 0.05; done; fi; "
                    + "echo > failed; exit 3",
                ["--on-failure", "continue"]
            )
            #expect(run.status == 1, "\(run.errors)")
            #expect(run.errors.contains("1 failed, 7 succeeded"), "\(run.errors)")
            #expect(try states(of: 8) == ["failed", "failed"])
            #expect(try sweep.says("status", "s").contains("7 done, 1 failed, 0 left"))
        }

        /// As one that waits for a file server that is gone.
        @Test func whatCannotBeEndedDoesNotHoldTheRun() throws {
            var supervisor: Int32 = 0
            let run = try speculate(
                "if mkdir first 2>&-; then exec sleep \(mark); "
                    + "else until [ -e stopped ]; do sleep 0.05; done; fi",
                ["--grace", "1s"]
            ) { _ in
                try wait { try processes(running: "sleep", mark).count == 1 }
                supervisor = parent(of: try #require(try processes(running: "sleep", mark).first))
                kill(supervisor, SIGSTOP)
                try sweep.scratch.write("", to: "stopped")
            }
            kill(supervisor, SIGCONT)
            #expect(
                run.errors.contains("job 8 has ended on another worker, and cannot be ended here")
            )
            try expectEachOnce(run)
        }

        @Test func aStoppedRunEndsBothCopies() throws {
            let run = try speculate("sleep \(mark)", ["--grace", "1s"]) { mpirun in
                try wait { try processes(running: "sleep", mark).count == 2 }
                kill(mpirun.processIdentifier, SIGUSR1)
            }
            #expect(run.status == 75, "\(run.errors)")
            #expect(run.errors.contains("1 cancelled"), "\(run.errors)")
            #expect(try states(of: 8) == ["cancelled", "cancelled"])
            #expect(try sweep.says("status", "s").contains("7 done, 0 failed, 1 left"))
            try wait { try processes(with: mark).isEmpty }
        }

        /// A worker with one of the copies is killed: the other one is the job's.
        @Test func aCopyOutlivesAWorker() throws {
            let run = try speculate(
                "sleep 300 & echo $$ >> begun; until [ -e go ]; do sleep 0.05; done; kill $!",
                ranks: 4,
                ["--on-loss", "continue"]
            ) { _ in
                func begun() -> [Int32] {
                    let text = (try? sweep.scratch.text("begun")) ?? ""
                    return text.split(separator: "\n").compactMap { Int32($0) }
                }
                try wait { begun().count == 2 }
                // A command's parent is its supervisor, whose parent is the rank.
                let rank = parent(of: parent(of: begun()[0]))
                try #require(rank > 1)
                kill(rank, SIGKILL)
                try wait { isDead(rank) }
                try sweep.scratch.write("", to: "go")
            }
            try expectEachOnce(run)
            #expect(run.errors.contains("was killed by signal 9"), "\(run.errors)")
        }
    }
}
