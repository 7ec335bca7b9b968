import Foundation
import TestSupport
import Testing

extension RankTests {
    /// Jobs in processes of their own: one that crashes is a failed job, and no more.
    @Suite struct IsolatedJobs {
        private func run(
            _ way: String,
            _ arguments: [String] = [],
            ranks: Int?,
            in scratch: Scratch,
            scenario: String = "crashes",
            jobs: Int = 5
        ) throws -> MPIRun.Outcome {
            try scratch.write(
                "crash: {turn: {grid: \(Array(0..<jobs))}, way: \(way)}\n",
                to: "crash.yaml"
            )
            let run = try MPIRun.run(
                "Scenarios",
                [scenario, "--config", "crash.yaml", "--isolation", "process"]
                    + ["--on-failure", "continue"] + arguments,
                ranks: ranks,
                in: scratch.url,
                environment: ["SWIFT_BACKTRACE": "enable=no"]
            )
            #expect(!run.timedOut, "\(way) hangs")
            return run
        }

        @Test(arguments: [nil, 1, 3] as [Int?])
        func aJobThatEndsItsProcessFails(ranks: Int?) throws {
            let scratch = try Scratch()
            for (way, word) in [
                ("exit0", "exited with status 0"), ("exit3", "exited with status 3"),
                ("trap", "a trap that the test asked for"),
                ("overflow", "was killed by signal 11 (SIGSEGV)"),
                ("abort", "was killed by signal 6 (SIGABRT)"),
                ("segfault", "was killed by signal 11 (SIGSEGV)\n    | about to fail"),
                ("killed", "was killed by signal 9 (SIGKILL)"),
            ] {
                let run = try run(way, ["--progress", "none"], ranks: ranks, in: scratch)
                #expect(run.status == 1, "\(way): \(run.errors)")
                #expect(run.output.contains("saved [0, 1, 3, 4]"), "\(way): \(run.output)")
                let names = #"job 3 {"turn":2,"way":"\#(way)"} failed"#
                #expect(run.errors.contains(names), "\(way): \(run.errors)")
                #expect(run.errors.contains(word), "\(way): \(run.errors)")
                #expect(run.errors.contains("1 failed, 4 succeeded"), "\(way): \(run.errors)")
            }
        }

        @Test(arguments: [nil, 3] as [Int?])
        func aCrashedJobIsRetried(ranks: Int?) throws {
            let scratch = try Scratch()
            let again = ["--retries", "1", "--retry-delay", "20ms"]
            let once = try run("once", again, ranks: ranks, in: scratch)
            #expect(once.status == 0, "\(once.errors)")
            #expect(once.output.contains("saved [0, 1, 2, 3, 4]"), "\(once.output)")
        }

        /// A worker on which every job fails: its jobs run elsewhere, as another attempt where there is
        /// one, and it is taken out.
        @Test(arguments: ["worker", "workerThrows"], ["0", "1"])
        func aWorkerThatOnlyFailsIsTakenOut(way: String, retries: String) throws {
            let scratch = try Scratch()
            let run = try run(
                way,
                ["--run-dir", "kept", "--retries", retries, "--retry-delay", "1ms"]
                    + ["--quarantine", "3", "--progress", "none"],
                ranks: 4,
                in: scratch,
                jobs: 60
            )
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.contains("saved \(Array(0..<60))"), "\(run.output)")
            #expect(run.errors.contains("task 1 on "), "\(run.errors)")
            let journal = scratch.url.appendingPathComponent("kept/journal")
            let lines = try FileManager.default.contentsOfDirectory(atPath: journal.path)
                .filter { $0.hasSuffix(".jsonl") }
                .flatMap { name in
                    let file = journal.appendingPathComponent(name)
                    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
                }
            let failed = lines.filter { $0.contains(#""state":"failed""#) }
            #expect((3..<20).contains(failed.count), "\(failed)")
            #expect(failed.allSatisfy { $0.contains(#""rank":2"#) }, "\(failed)")
            let second = lines.count { $0.contains(#""attempt":2"#) }
            #expect(second == (retries == "0" ? 0 : failed.count), "\(lines)")
        }

        @Test(arguments: [nil, 3] as [Int?])
        func aJobThatHeedsNothingIsEndedWithItsProcess(ranks: Int?) throws {
            let scratch = try Scratch()
            let late = try run(
                "deaf",
                ["--timeout", "300ms", "--grace", "200ms"],
                ranks: ranks,
                in: scratch
            )
            #expect(late.status == 1, "\(late.errors)")
            #expect(late.output.contains("saved [0, 1, 3, 4]"), "\(late.output)")
            #expect(late.errors.contains("took longer than its timeout"), "\(late.errors)")
        }

        @Test func aFailureEndsTheJobsOfOtherWorkers() throws {
            let scratch = try Scratch()
            let stopped = try run(
                "both",
                ["--on-failure", "abort", "--grace", "200ms"],
                ranks: 3,
                in: scratch
            )
            #expect(stopped.status == 1, "\(stopped.errors)")
            #expect(stopped.errors.contains("1 abandoned"), "\(stopped.errors)")
            #expect(stopped.errors.contains("was killed by signal 6"), "\(stopped.errors)")
        }

        /// In each schedule, with values that do not fit into the memory that a rank and its process
        /// share, and with failures one after the other, the process is not to be noticed.
        @Test(arguments: [1, 3], ["dynamic", "static"])
        func whatJobsReturnIsTheSame(ranks: Int, schedule: String) throws {
            let scenarios = [
                "large --count 3 --bytes 9000000", "values",
                // One rank without a process encodes nothing.
                ranks == 1 ? "collect-throws" : "unencodable --on-failure continue",
                "fail-all --count 30 --on-failure continue", "tail --count 10", "main-actor",
                "pipeline", "collect-throws", "save-throws",
            ].map { "\($0) --schedule \(schedule)" }
            func outcomes(_ isolation: String) throws -> [String] {
                let run = try MPIRun.run(
                    "Scenarios",
                    ["script"] + scenarios.map { "\($0) --isolation \(isolation)" },
                    ranks: ranks
                )
                #expect(run.status == 0 && !run.timedOut, "\(run.errors)")
                return run.lines.map { line -> String in
                    // Who ran a job may differ, and with it the hash of a failure.
                    let end = line.firstRange(of: /hash=|content |, tasks/)?.lowerBound
                    return String(line[..<(end ?? line.endIndex)])
                }.sorted()
            }
            let alike = try outcomes("none")
            #expect(alike.count == scenarios.count * ranks)
            #expect(try outcomes("process") == alike)
            #expect(try outcomes("auto") == alike)
        }

        /// Each rank tells its process which device it has.
        @Test func jobsHaveTheDevicesOfTheirRanks() throws {
            let scratch = try Scratch()
            try scratch.write("crash: {turn: {grid: [0, 1, 3, 4]}, way: device}\n", to: "d.yaml")
            let run = try MPIRun.run(
                "Scenarios",
                ["crashes", "--config", "d.yaml", "--isolation", "process", "--progress", "none"]
                    + ["--schedule", "static"],
                ranks: 3,
                in: scratch.url,
                environment: ["CUDA_VISIBLE_DEVICES": "5,7"]
            )
            #expect(run.output.contains("saved [5, 5, 7, 7]"), "\(run.output) \(run.errors)")
        }

        /// Three crashes, over all starts of a run, are enough.
        @Test(arguments: [nil, 3] as [Int?])
        func theLimitOfCrashesHoldsForAllStarts(ranks: Int?) throws {
            let scratch = try Scratch()
            let kept = ["--run-dir", "kept", "--retries", "1", "--retry-delay", "1ms"]
            let first = try run("abort", kept, ranks: ranks, in: scratch)
            #expect(first.errors.contains("was killed by signal 6"), "\(first.errors)")
            let second = try run("abort", kept + ["--resume"], ranks: ranks, in: scratch)
            #expect(second.errors.contains("was killed by signal 6"), "\(second.errors)")
            let third = try run("abort", kept + ["--resume"], ranks: ranks, in: scratch)
            #expect(third.status == 1, "\(third.errors)")
            #expect(third.errors.contains("until the program is rebuilt"), "\(third.errors)")
            let journal = try FileManager.default.contentsOfDirectory(
                atPath: scratch.url.appendingPathComponent("kept/journal").path
            )
            #expect(!journal.contains { $0.hasSuffix(".running") }, "\(journal)")
            let lines = try journal.filter { $0.hasSuffix(".jsonl") }.flatMap {
                try String(
                    contentsOf: scratch.url.appendingPathComponent("kept/journal/\($0)"),
                    encoding: .utf8
                ).split(separator: "\n")
            }
            #expect(lines.count { $0.contains(#""state":"failed""#) } == 3, "\(lines)")
            #expect(lines.count { $0.contains(#""state":"succeeded""#) } == 4, "\(lines)")
            #expect(lines.contains { $0.contains(#""count":3"#) }, "\(lines)")
        }
    }
}
