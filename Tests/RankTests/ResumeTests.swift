import Foundation
import Glibc
import TestSupport
import Testing

extension RankTests {
    /// What a run directory is good for: going on after whatever ended a run.
    @Suite struct Resume {
        private let scratch: Scratch
        private let directory: String

        init() throws {
            scratch = try Scratch()
            directory = scratch.url.path + "/kept"
        }

        /// Jobs that differ in their point.
        private func configuration(
            _ points: some Sequence<Int>,
            milliseconds: Int = 0,
            bytes: Int = 0
        ) throws -> String {
            let list = points.map { "\($0)" }.joined(separator: ", ")
            return try scratch.write(
                """
                step:
                  point: {grid: [\(list)]}
                  milliseconds: \(milliseconds)
                  bytes: \(bytes)
                """,
                to: "step.yaml"
            )
        }

        private func run(
            _ configuration: String,
            ranks: Int?,
            _ arguments: String...,
            failures: String = "",
            limit: Double = Execution.patience,
            whileRunning: (Process) throws -> Void = { _ in }
        ) throws -> MPIRun.Outcome {
            let run = try MPIRun.run(
                "Scenarios",
                ["recorded", "--config", configuration, "--run-dir", directory] + arguments,
                ranks: ranks,
                limit: limit,
                in: scratch.url,
                environment: [
                    "STEP_FAILURES": failures,
                    // What is left need not take its time.
                    "STEP_TIME": arguments.contains("--resume") ? "0" : "",
                ],
                whileRunning: whileRunning
            )
            #expect(!run.timedOut)
            return run
        }

        private struct Line: Decodable {
            struct Parameters: Decodable { var point: Int }
            struct Result: Decodable { var number: Int }
            var job: Int
            var attempt: Int
            var state: String
            var start: Double
            var duration: Double
            var taskID: Int?
            var message: String?
            var parameters: Parameters
            var result: Result?

            enum CodingKeys: String, CodingKey {
                case job, attempt, state, start, duration
                case taskID = "task_id"
                case message, parameters, result
            }
        }

        /// Every line of the journal; each must be whole.
        private func journal() throws -> [Line] {
            let folder = directory + "/journal"
            return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
                .filter { $0.hasSuffix(".jsonl") }.flatMap { name in
                    let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
                    #expect(text.isEmpty || text.hasSuffix("\n"))
                    return try text.split(separator: "\n").map {
                        try JSONDecoder().decode(Line.self, from: Data($0.utf8))
                    }
                }
        }

        private func lineCount() -> Int {
            let folder = directory + "/journal"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.filter { $0.hasSuffix(".jsonl") }.reduce(0) { count, name in
                let data = FileManager.default.contents(atPath: folder + "/" + name) ?? Data()
                return count + data.count { $0 == UInt8(ascii: "\n") }
            }
        }

        private func waitForLines(_ count: Int) throws {
            try wait { lineCount() >= count }
        }

        /// What of `state.json` matters here.
        private struct RunningJobs: Decodable {
            struct Running: Decodable { var job: Int }
            var running: [Running]
        }

        private func results() throws -> String {
            try String(contentsOfFile: directory + "/results.csv", encoding: .utf8)
        }

        private static func rows(_ points: some Sequence<Int>) -> String {
            points.map { "\($0),\(1 / Double($0 + 1))\n" }.joined()
        }

        private func state() throws -> String? {
            let data = try Data(contentsOf: URL(fileURLWithPath: directory + "/run.json"))
            let record = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            return record?["state"] as? String
        }

        private static func rank(of process: Int32) -> Int? {
            TestSupport.environment(of: process)["OMPI_COMM_WORLD_RANK"].flatMap { Int($0) }
        }

        /// Every point succeeded once and was run no more often than that.
        private func expectEachOnce(_ points: Range<Int>) throws {
            let succeeded = try journal().filter { $0.state == "succeeded" }
            #expect(succeeded.map(\.parameters.point).sorted() == Array(points))
            #expect(succeeded.allSatisfy { $0.result?.number == $0.parameters.point })
            #expect(try results() == Self.rows(points))
            #expect(try state() == "succeeded")
        }

        @Test(arguments: [nil, 2, 4])
        func aFinishedRunIsNotBegunAgain(ranks: Int?) throws {
            let points = try configuration(0..<10)
            #expect(try run(points, ranks: ranks).status == 0)
            try expectEachOnce(0..<10)
            let second = try run(points, ranks: ranks)
            #expect(second.status == 64)
            #expect(second.errors.contains("--resume"))
            #expect(second.errors.contains(directory))
            #expect(second.errors.components(separatedBy: "Error:").count == 2)
            #expect(try run(points, ranks: ranks, "--resume").status == 0)
            try expectEachOnce(0..<10)
            #expect(!FileManager.default.fileExists(atPath: directory + "/lock"))
        }

        @Test(arguments: [("dynamic", 2, 4), ("static", 4, 2), ("dynamic,2", 1, 3)])
        func moreJobsOnOtherRanksRunTheNewOnesOnly(how: (String, Int, Int)) throws {
            let (schedule, first, second) = how
            let even = stride(from: 0, to: 40, by: 2)
            let begin = try run(try configuration(even), ranks: first, "--schedule", schedule)
            #expect(begin.status == 0, "\(begin.errors)")
            #expect(lineCount() == 20)
            let end = try run(
                try configuration(0..<40),
                ranks: second,
                "--schedule",
                schedule,
                "--resume"
            )
            #expect(end.status == 0, "\(end.errors)")
            try expectEachOnce(0..<40)
            #expect(try results() == Self.rows(0..<40))
        }

        @Test func theBenchmarkHasTheSameResultsAfterAResumption() throws {
            func run(_ yaml: String, ranks: Int, _ arguments: String...) throws -> [String] {
                let file = try scratch.write(yaml, to: "benchmark.yaml")
                let run = try MPIRun.run(
                    "anomaly-benchmark",
                    ["run", "--config", file] + arguments,
                    ranks: ranks,
                    in: scratch.url
                )
                #expect(run.status == 0, "\(run.errors)")
                let csv = try scratch.text(arguments[1] + "/results.csv")
                // Model, category, seed, AUROC, rows; not the times and places.
                return csv.split(separator: "\n").map {
                    $0.split(separator: ",", omittingEmptySubsequences: false).prefix(6)
                        .joined(separator: ",")
                }
            }
            let all = Application.configuration
            let half = all.replacingOccurrences(of: "[0, 3]", with: "[3]")
            let whole = try run(all, ranks: 2, "--run-dir", "whole")
            #expect(try run(half, ranks: 2, "--run-dir", "kept").count == 3)
            #expect(try run(all, ranks: 4, "--run-dir", "kept", "--resume") == whole)
            #expect(try run(all, ranks: 1, "--run-dir", "kept", "--resume") == whole)
            #expect(lineCount() == 4)
        }

        @Test(arguments: [2, 4], [true, false])
        func aSignalDrains(ranks: Int, isForAll: Bool) throws {
            let points = try configuration(0..<40, milliseconds: 100)
            let run = try run(points, ranks: ranks) { process in
                try waitForLines(3)
                var target = process.processIdentifier
                if !isForAll {
                    let all = try processes(named: "Scenarios")
                    target = try #require(all.first { Self.rank(of: $0) == ranks - 1 })
                }
                #expect(kill(target, SIGUSR1) == 0)
            }
            #expect(run.status == 75, "\(run.errors)")
            #expect(run.errors.contains("SIGUSR1"))
            #expect(run.errors.contains("--run-dir '\(directory)' --resume"))
            #expect(run.errors.components(separatedBy: "Error:").count == 2, "\(run.errors)")
            #expect(try state() == "interrupted")
            // Those that ran have ended, and were saved.
            let lines = try journal()
            #expect(lines.allSatisfy { $0.state == "succeeded" })
            #expect(lines.count < 40)
            #expect(try results() == Self.rows(lines.map(\.parameters.point).sorted()))
            let rest = try self.run(points, ranks: 6 - ranks, "--resume")
            #expect(rest.status == 0, "\(rest.errors)")
            try expectEachOnce(0..<40)
        }

        @Test func whatOutlastsTheGracePeriodIsCancelledAndRunAgain() throws {
            let points = try configuration(0..<4, milliseconds: 30_000)
            let run = try run(points, ranks: 3, "--grace", "500ms") { process in
                let file = directory + "/state.json"
                try wait {
                    let text = try? String(contentsOfFile: file, encoding: .utf8)
                    return text?.contains("\"job\":2") == true
                }
                kill(process.processIdentifier, SIGUSR1)
            }
            #expect(run.status == 75, "\(run.errors)")
            #expect(try journal().map(\.state) == ["cancelled", "cancelled"])
            let rest = try self.run(points, ranks: 3, "--resume")
            #expect(rest.status == 0, "\(rest.errors)")
            #expect(lineCount() == 6)
            try expectEachOnce(0..<4)
        }

        @Test(arguments: [SIGUSR1, SIGINT, SIGTERM])
        func aSignalDrainsWithoutALauncherToo(signal: Int32) throws {
            let points = try configuration(0..<40, milliseconds: 100)
            let run = try run(points, ranks: nil) { process in
                try waitForLines(3)
                #expect(kill(process.processIdentifier, signal) == 0)
            }
            #expect(run.status == 75, "\(run.errors)")
            #expect(run.errors.contains("--run-dir '\(directory)' --resume"))
            let lines = try journal()
            #expect(lines.count < 40)
            #expect(try results() == Self.rows(0..<lines.count))
            #expect(try self.run(points, ranks: 3, "--resume").status == 0)
            try expectEachOnce(0..<40)
        }

        @Test(arguments: [nil, 2])
        func aSignalDuringTheLastJobIsTooLateToMatter(ranks: Int?) throws {
            let points = try configuration(0..<2, milliseconds: 1500)
            let run = try run(points, ranks: ranks) { process in
                // Not at the end of the first: the signal could come before the second begins.
                try wait {
                    let state = FileManager.default.contents(atPath: directory + "/state.json")
                    guard let state else { return false }
                    let running = try JSONDecoder().decode(RunningJobs.self, from: state).running
                    return running.contains { $0.job == 2 }
                }
                kill(process.processIdentifier, SIGUSR1)
            }
            #expect(run.status == 0, "\(run.errors)")
            try expectEachOnce(0..<2)
        }

        @Test(arguments: [2, 4])
        func theEndThatMpirunPutsToARunLeavesTheJournalWhole(ranks: Int) throws {
            let points = try configuration(0..<60, milliseconds: 100)
            let run = try run(points, ranks: ranks) { process in
                try waitForLines(5)
                #expect(kill(process.processIdentifier, SIGTERM) == 0)
            }
            #expect(run.status != 0)
            try wait { try processes(named: "Scenarios").isEmpty }
            let before = try journal().filter { $0.state == "succeeded" }.count
            #expect((5..<60).contains(before))
            let rest = try self.run(points, ranks: ranks, "--resume")
            #expect(rest.status == 0, "\(rest.errors)")
            try expectEachOnce(0..<60)
        }

        @Test(arguments: [2, 4])
        func killedRanksLoseNothingThatHadFinished(ranks: Int) throws {
            let points = try configuration(0..<60, milliseconds: 50)
            let run = try run(points, ranks: ranks) { process in
                try waitForLines(5)
                for process in try processes(named: "Scenarios") { kill(process, SIGKILL) }
            }
            #expect(run.status != 0)
            try wait { try processes(named: "Scenarios").isEmpty }
            #expect(FileManager.default.fileExists(atPath: directory + "/lock"))
            #expect(try state() == "running")
            let before = lineCount()
            #expect((5..<60).contains(before))
            let rest = try self.run(points, ranks: 3, "--resume")
            #expect(rest.status == 0, "\(rest.errors)")
            // A dead process of this host is known as such: nobody is watched.
            #expect(!rest.errors.contains("waiting"))
            #expect(lineCount() == 60)
            try expectEachOnce(0..<60)
        }

        @Test func aTornLineIsRunAgain() throws {
            let points = try configuration(0..<10)
            let first = try run(points, ranks: 2)
            #expect(first.status == 0, "\(first.errors)")
            let file = directory + "/journal/worker-0001.jsonl"
            let data = try #require(FileManager.default.contents(atPath: file))
            try data.dropLast(20).write(to: URL(fileURLWithPath: file))
            #expect(try run(points, ranks: 2, "--resume").status == 0)
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(text.split(separator: "\n").count == 11)
            #expect(try results() == Self.rows(0..<10))
            // The torn line is in the middle now, and named.
            let third = try run(points, ranks: 2, "--resume")
            #expect(third.status == 0)
            #expect(third.errors.contains("worker-0001.jsonl:10"), "\(third.errors)")
            #expect(lineCount() == 11)
        }

        @Test(arguments: [nil, 2])
        func aDirectoryInUseIsRefused(ranks: Int?) throws {
            let points = try configuration(0..<400, milliseconds: 50)
            let run = try run(points, ranks: ranks) { process in
                try waitForLines(1)
                let second = try MPIRun.run(
                    "Scenarios",
                    ["recorded", "--config", points, "--run-dir", directory, "--resume"],
                    ranks: 2
                )
                #expect(second.status == 64, "\(second.errors)")
                let owner = try processes(named: "Scenarios").first {
                    ranks == nil || Self.rank(of: $0) == 0 && !isKeeper($0)
                }
                #expect(second.errors.contains("process \(owner ?? 0) on "), "\(second.errors)")
                #expect(second.errors.contains(directory))
                kill(process.processIdentifier, SIGUSR1)
            }
            #expect(run.status == 75, "\(run.errors)")
            #expect(try state() == "interrupted")
        }

        /// A job that ends each start of the run must not keep the others from running.
        @Test(arguments: [nil, 2])
        func failedJobsAreRunAgainAfterTheOthersUnlessTheyAreKept(ranks: Int?) throws {
            let points = try configuration(0..<10)
            let (count, delay) = ("--retries", "--retry-delay")
            let first = try run(points, ranks: ranks, count, "2", delay, "10ms", failures: "2:9")
            #expect(first.status == 1, "\(first.errors)")
            #expect(first.errors.contains("attempt 3 failed as planned"))
            let failed = try journal().filter { $0.state == "failed" }
            #expect(failed.map(\.attempt).sorted() == [1, 2, 3])
            #expect(try state() == "failed")

            let second = try run(points, ranks: ranks, "--resume", failures: "2:9")
            #expect(second.status == 1)
            let last = try journal().max { $0.start < $1.start }
            #expect(last?.parameters.point == 2 && last?.state == "failed")
            let others = Self.rows((0..<10).filter { $0 != 2 })
            #expect(try results() == others)

            let lines = lineCount()
            let keeping = try run(points, ranks: ranks, "--resume", "--keep-failed")
            #expect(keeping.status == 1)
            #expect(keeping.errors.contains("attempt 1 failed as planned"), "\(keeping.errors)")
            #expect(lineCount() == lines)
            #expect(try results() == others)

            #expect(try run(points, ranks: ranks, "--resume").status == 0)
            #expect(lineCount() == lines + 1)
            try expectEachOnce(0..<10)
        }

        @Test func keepFailedGoesWithResume() throws {
            let run = try run(try configuration(0..<1), ranks: nil, "--keep-failed")
            #expect(run.status == 64)
            #expect(run.errors.contains("--resume"))
        }

        @Test(arguments: [nil, 2, 4])
        func attemptsAreRecordedEach(ranks: Int?) throws {
            let run = try run(
                try configuration(0..<4),
                ranks: ranks,
                "--retries",
                "3",
                "--retry-delay",
                "200ms",
                failures: "2:3"
            )
            #expect(run.status == 0, "\(run.errors)")
            let attempts = try journal().filter { $0.parameters.point == 2 }
                .sorted { $0.attempt < $1.attempt }
            #expect(attempts.map(\.attempt) == [1, 2, 3, 4])
            #expect(attempts.map(\.state) == ["failed", "failed", "failed", "succeeded"])
            #expect(attempts.map(\.message).first == "attempt 1 failed as planned")
            // The next one runs elsewhere if it can.
            let workers = attempts.map(\.taskID)
            let hasMoved = zip(workers, workers.dropFirst()).allSatisfy { $0 != $1 }
            #expect(hasMoved == (ranks == 4), "\(workers)")
            let gaps = zip(attempts, attempts.dropFirst()).map { $1.start - $0.start }
            for (gap, least) in zip(gaps, [0.2, 0.4, 0.8]) {
                #expect(gap >= least, "\(gaps)")
            }
            try expectEachOnce(0..<4)
        }

        @Test(
            .enabled(if: SmallDisk.canBeMade, "this user may not mount a small file system"),
            arguments: [nil, 2, 4]
        )
        func aJournalThatCannotBeWrittenEndsTheRun(ranks: Int?) throws {
            mkdir(directory, 0o777)
            let disk = try SmallDisk(at: directory, bytes: 256 << 10)
            defer { disk.unmount() }
            let points = try configuration(0..<200, bytes: 5000)
            let run = try run(points, ranks: ranks)
            #expect(run.status == 70, "\(run.errors)")
            #expect(run.errors.contains("No space left on device"))
            #expect(run.errors.contains(directory + "/journal/worker-"), "\(run.errors)")
            try disk.grow(to: 64 << 20)
            let rest = try self.run(points, ranks: 3, "--resume")
            #expect(rest.status == 0, "\(rest.errors)")
            #expect(try results() == Self.rows(0..<200))
            #expect(try state() == "succeeded")
        }
    }
}
