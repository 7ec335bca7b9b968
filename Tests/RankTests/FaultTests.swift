import Foundation
import TestSupport
import Testing

extension RankTests {
    /// What one rank alone meets beside its jobs: every rank ends, in the same error.
    @Suite struct Faults {
        private static let library = Result { try FaultyCalls() }
        private let calls: FaultyCalls
        private let sweep: SweepScratch

        init() throws {
            calls = try Self.library.get()
            sweep = try SweepScratch()
        }

        private func run(
            _ command: String,
            jobs: Int = 6,
            ranks: Int?,
            in environment: [String: String]
        ) throws -> MPIRun.Outcome {
            try sweep.furrow(
                [
                    "run", "--progress", "none", "--param", "x=1..\(jobs)", "--", "sh", "-c",
                    command,
                ],
                ranks: ranks,
                limit: 60,
                environment: environment
            )
        }

        /// One message, status 70, and all the jobs done when the fault is gone.
        private func expectFault(
            _ run: MPIRun.Outcome,
            _ parts: String...,
            jobs: Int = 6
        ) throws {
            #expect(run.status == 70, "\(run.errors)")
            #expect(run.errors.components(separatedBy: "Error:").count == 2, "\(run.errors)")
            for part in parts { #expect(run.errors.contains(part), "\(run.errors)") }
            #expect(try sweep.says("status").contains(": failed"))
            let rest = try sweep.furrow(["run", "--resume"], ranks: 3)
            #expect(rest.status == 0, "\(rest.errors)")
            let rows = try sweep.results()
            #expect(rows.count == jobs && rows.allSatisfy { $0["state"] == "succeeded" })
        }

        /// The only sync is the last one, when all jobs have ended.
        @Test(arguments: [nil, 2, 3, 5])
        func aJournalThatCannotBeSyncedAtItsEnd(ranks: Int?) throws {
            let run = try run("echo {x}", ranks: ranks, in: calls.failing("fdatasync"))
            try expectFault(run, "failed in its journal", ".jsonl: No space left on device")
            if ranks == nil { return }
            #expect(run.errors.contains("rank 1 on "), "\(run.errors)")
        }

        @Test(arguments: [nil, 3])
        func outputThatCannotBeSynced(ranks: Int?) throws {
            let run = try run("echo {x}", ranks: ranks, in: calls.failing("sync output"))
            try expectFault(run, "failed in its journal", ".out: No space left on device")
        }

        @Test func aJournalThatCannotBeSyncedOnOneRank() throws {
            let run = try run("echo {x}", ranks: 4, in: calls.failing("fdatasync", on: 3))
            try expectFault(
                run,
                "failed in its journal: rank 3 on ",
                "/worker-0003.jsonl: No space"
            )
            #expect(!run.errors.contains("more rank"), "\(run.errors)")
        }

        /// A command removes its worker's folder, which cannot be made again: the next job is not to
        /// blame, and others run it.
        @Test func aWorkerWhoseFolderIsGoneIsTakenOut() throws {
            var point = FaultyCalls.Point(.files)
            (point.rank, point.call) = (2, "mkdir")
            let scratch = sweep.url.path + "/scratch"
            try FileManager.default.createDirectory(
                atPath: scratch,
                withIntermediateDirectories: true
            )
            let places = ["TMPDIR": scratch, "OMPI_MCA_orte_tmpdir_base": "/tmp"]
            let run = try run(
                #"test $FURROW_TASK_ID = 0 || rm -r "${FURROW_RESULT%/*}"; sleep 0.1; echo {x}"#,
                ranks: 3,
                in: calls.failing(point, in: scratch).merging(places) { $1 }
            )
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.errors.contains("rank 2 on "), "\(run.errors)")
            #expect(run.errors.contains("$FURROW_RESULT cannot be cleared"), "\(run.errors)")
            #expect(try sweep.results().allSatisfy { $0["state"] == "succeeded" })
        }

        /// The first sync, a second after the first job, goes well, and the last does not.
        @Test(arguments: [nil, 3])
        func aJournalThatCannotBeSyncedAtItsEndAlone(ranks: Int?) throws {
            // Some two seconds for each worker.
            let jobs = 6 * (ranks.map { $0 - 1 } ?? 1)
            let environment = calls.failing("fdatasync", after: 1)
            let run = try run("sleep 0.3; echo {x}", jobs: jobs, ranks: ranks, in: environment)
            try expectFault(
                run,
                "failed in its journal",
                ".jsonl: No space left on device",
                jobs: jobs
            )
        }

        /// The sync a second after the first job fails, while others run.
        @Test(arguments: [nil, 3])
        func aJournalThatCannotBeSyncedMeanwhile(ranks: Int?) throws {
            let run = try run(
                "sleep 0.3; echo {x}",
                jobs: 20,
                ranks: ranks,
                in: calls.failing("fdatasync")
            )
            try expectFault(run, "failed in its journal", "No space left on device", jobs: 20)
            #expect(run.errors.contains("not run"), "\(run.errors)")
        }

        /// A file system in trouble may interrupt every call: that is an error, and no hang.
        @Test(arguments: ["open", "pread", "write", "fsync", "fdatasync"], [nil, 3])
        func callsThatAreAlwaysInterrupted(call: String, ranks: Int?) throws {
            var point = FaultyCalls.Point(.files)
            (point.call, point.error) = (call, EINTR)
            let run = try run(
                "echo {x}",
                ranks: ranks,
                in: calls.failing(point, in: sweep.url.path)
            )
            #expect(!run.timedOut)
            #expect([65, 70].contains(run.status), "\(run.status) \(run.errors)")
            #expect(run.errors.contains(": Interrupted system call"), "\(run.errors)")
            #expect(run.errors.components(separatedBy: "Error:").count == 2, "\(run.errors)")
        }

        /// What cannot be looked at is not taken for missing: no job that is done runs again.
        @Test(arguments: ["stat", "readdir", "fstat"], [nil, 3])
        func aJournalThatCannotBeFound(call: String, ranks: Int?) throws {
            let script = "echo x >> begun{x}; test {x} != 4 || test -e go"
            let first = try sweep.furrow(
                [
                    "run", "--run-dir", "kept", "--on-failure", "continue", "--param", "x=1..6",
                    "--", "sh", "-c", script,
                ],
                ranks: 3
            )
            #expect(first.status == 1, "\(first.errors)")
            try sweep.scratch.write("", to: "go")
            var point = FaultyCalls.Point(.files)
            (point.call, point.error) = (call, ESTALE)
            let again = try sweep.furrow(
                ["run", "--run-dir", "kept", "--resume", "--progress", "none"],
                ranks: ranks,
                limit: 60,
                environment: calls.failing(point, in: sweep.url.path + "/kept/journal")
            )
            #expect([65, 70].contains(again.status), "\(again.status) \(again.errors)")
            #expect(again.errors.contains(": Stale file handle"), "\(again.errors)")
            let rest = try sweep.furrow(["run", "--run-dir", "kept", "--resume"], ranks: 2)
            #expect(rest.status == 0, "\(rest.errors)")
            for job in 1...6 {
                #expect(try sweep.scratch.text("begun\(job)") == (job == 4 ? "x\nx\n" : "x\n"))
            }
        }

        @Test(arguments: [nil, 3])
        func outputThatCannotBeMeasured(ranks: Int?) throws {
            var point = FaultyCalls.Point(.files)
            (point.call, point.count, point.times) = ("fstat", 2, 1)
            let run = try sweep.furrow(
                [
                    "run", "--run-dir", "kept", "--progress", "none", "--param", "x=1..6", "--",
                    "echo", "{x}",
                ],
                ranks: ranks,
                limit: 60,
                environment: calls.failing(point, in: sweep.url.path + "/kept/output")
            )
            #expect(run.status == 70, "\(run.errors)")
            #expect(run.errors.contains("a command's output cannot be kept: "), "\(run.errors)")
            let rest = try sweep.furrow(["run", "--run-dir", "kept", "--resume"], ranks: 3)
            #expect(rest.status == 0, "\(rest.errors)")
            for job in 1...6 {
                #expect(try sweep.says("logs", "kept", "\(job)") == "\(job)\n")
            }
        }

        /// A job of more than a second is synced at once.
        @Test(arguments: [nil, 3])
        func aJournalThatCannotBeSyncedAfterAJob(ranks: Int?) throws {
            let run = try run("sleep 1.1; echo {x}", ranks: ranks, in: calls.failing("fdatasync"))
            try expectFault(run, "its end could not be recorded", "No space left on device")
        }

        @Test(arguments: [nil, 3])
        func aJournalThatCannotBeClosed(ranks: Int?) throws {
            let run = try run("echo {x}", ranks: ranks, in: calls.failing("close"))
            try expectFault(run, "failed in its journal", ".jsonl: Disk quota exceeded")
        }

        @Test(arguments: ["dynamic", "static"])
        func aTypedJobsJournalThatCannotBeSynced(schedule: String) throws {
            let grid = try sweep.scratch.write(
                "step: {point: {grid: [1, 2, 3]}, milliseconds: 0, bytes: 0}",
                to: "step.yaml"
            )
            let run = try MPIRun.run(
                "Scenarios",
                ["recorded", "--config", grid, "--run-dir", "kept", "--schedule", schedule],
                ranks: 3,
                in: sweep.url,
                environment: calls.failing("fdatasync", on: 1)
            )
            #expect(!run.timedOut)
            #expect(run.status == 70, "\(run.errors)")
            #expect(run.errors.contains("failed in its journal: rank 1 on "), "\(run.errors)")
            // What succeeded is saved all the same.
            #expect(try sweep.scratch.text("kept/results.csv").split(separator: "\n").count == 3)
        }

        @Test(arguments: [(2, ""), (nil, " (and on 2 more ranks)")] as [(Int?, String)])
        func aRankThatCannotBeMadeReady(only: Int?, others: String) throws {
            let run = try run("echo {x}", ranks: 4, in: calls.failing("mkdtemp", on: only))
            try expectFault(
                run,
                "failed in its preparation: rank \(only ?? 1) on ",
                "Read-only file system; set TMPDIR",
                "on every node\(others)\n"
            )
        }

        /// FAT has neither kind, nor have some cluster file systems.
        @Test(arguments: [nil, 3])
        func aFileSystemWithoutLinksWillDo(ranks: Int?) throws {
            let run = try run("echo {x}; test {x} != 3", ranks: ranks, in: calls.failing("links"))
            #expect(run.status == 1, "\(run.errors)")
            #expect(run.errors.contains("latest: Operation not permitted"), "\(run.errors)")
            let names = try FileManager.default.contentsOfDirectory(
                atPath: sweep.url.path + "/runs/sh"
            )
            #expect(names.count == 1)
            let directory = "runs/sh/\(try #require(names.first))"
            // One that was killed leaves its lock, which is then replaced.
            let lock = try sweep.scratch.write(
                #"{"boot":"0","host":"\#(ProcessInfo.processInfo.hostName)","process":1,"#
                    + #""processStart":"0","since":0}"#,
                to: directory + "/lock"
            )
            let rest = try sweep.furrow(
                ["run", "--resume", "--keep-failed"],
                ranks: 2,
                environment: calls.failing("links")
            )
            #expect(rest.status == 1 && rest.errors.contains("done before"), "\(rest.errors)")
            #expect(!FileManager.default.fileExists(atPath: lock))
            #expect(
                try Set(
                    FileManager.default.contentsOfDirectory(
                        atPath: sweep.url.path + "/" + directory
                    )
                )
                .isDisjoint(with: ["lock", "lock.next"])
            )
        }

        @Test(arguments: [nil, 3])
        func anEndThatCannotBeRecorded(ranks: Int?) throws {
            let environment = calls.failing("rename", after: 1)
            let run = try run("echo {x}", ranks: ranks, in: environment)
            #expect(run.status == 70, "\(run.errors)")
            #expect(run.errors.contains("/run.json: Input/output error"), "\(run.errors)")
            #expect(run.errors.components(separatedBy: "Error:").count == 2, "\(run.errors)")
            #expect(!run.output.contains("Results:"))
            let rest = try sweep.furrow(["run", "--resume"], ranks: 3)
            #expect(rest.status == 0, "\(rest.errors)")
        }

        @Test func whereNoSupervisorCanStartOtherWorkersRunTheJobs() throws {
            let one = try run(
                "echo {x}",
                jobs: 20,
                ranks: 3,
                in: calls.failing("supervisors", on: 2)
            )
            #expect(one.status == 0, "\(one.errors)")
            #expect(one.errors.contains("Warning: task 1 on "), "\(one.errors)")
            #expect(one.errors.contains("cannot be started: /proc/self/exe: Permission denied"))
            #expect(try sweep.results().count { $0["state"] == "succeeded" } == 20)
            let none = try run("echo {x}", ranks: 3, in: calls.failing("supervisors"))
            #expect(none.status == 70, "\(none.errors)")
            #expect(none.errors.contains("failed in its preparation: "), "\(none.errors)")
            #expect(none.errors.contains("6 not run"), "\(none.errors)")
        }
    }
}
