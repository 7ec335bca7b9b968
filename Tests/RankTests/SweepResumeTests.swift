import Foundation
import TestSupport
import Testing

/// The same numbers for the same seed.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}

extension RankTests {
    /// `furrow run --resume`: after whatever ended a run.
    @Suite struct SweepResume {
        /// Commands that say that they began and, a while later, that they ended.
        private func sweep(_ jobs: ClosedRange<Int>, seconds: Double) -> String {
            """
            name: marks
            command: "echo b >> {run_dir}/marks-{n}; sleep \(seconds); echo e >> {run_dir}/marks-{n}"
            parameters: {n: {range: {start: \(jobs.lowerBound), stop: \(jobs.upperBound + 1)}}}
            """
        }

        /// How often a job began and ended.
        private func marks(_ sweep: SweepScratch, _ job: Int) -> (begun: Int, ended: Int) {
            let path = sweep.url.path + "/runs/marks/latest/marks-\(job)"
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                return (0, 0)
            }
            let lines = text.split(separator: "\n")
            return (lines.count { $0 == "b" }, lines.count { $0 == "e" })
        }

        private func succeeded(_ sweep: SweepScratch) throws -> Int {
            try Set(sweep.journal().filter { $0.state == "succeeded" }.map(\.id)).count
        }

        /// Kills mpirun and its ranks at one instant.
        private func killAll(_ mpirun: Process) throws {
            let ranks = try processes(named: "furrow").filter { $0 != getpid() }
            kill(mpirun.processIdentifier, SIGKILL)
            for rank in ranks where !isSupervisor(rank) { kill(rank, SIGKILL) }
        }

        private func isSupervisor(_ process: Int32) -> Bool {
            let data = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
            return data.starts(with: Data("job-supervisor".utf8))
        }

        /// 50 runs are killed, each at an instant of its own, and gone on with by the next, on
        /// another number of ranks each time.
        @Test(.timeLimit(.minutes(10)), arguments: 1...5)
        func nothingIsLostAndNothingRunsTwiceAfterKills(seed: Int) throws {
            var random = Seeded(state: UInt64(seed) &* 0x9e37_79b9)
            let sweep = try SweepScratch()
            let jobs = 1...40
            try sweep.scratch.write(self.sweep(jobs, seconds: 0.03), to: "sweep.yaml")
            var inFlight = 0
            for turn in 0..<10 {
                let ranks = [2, 4][turn % 2]
                let arguments =
                    turn == 0 ? ["run", "sweep.yaml"] : ["run", "sweep.yaml", "--resume"]
                let delay = UInt32.random(in: 250_000...650_000, using: &random)
                let run = try sweep.furrow(arguments, ranks: ranks) { mpirun in
                    usleep(delay)
                    try killAll(mpirun)
                }
                // It may have been done before it was killed.
                if run.status != 0 { inFlight += ranks - 1 }
                try wait { try processes(with: "marks-").isEmpty }
            }
            let last = try sweep.furrow(["run", "sweep.yaml", "--resume"], ranks: 3)
            #expect(last.status == 0, "\(last.errors)")
            #expect(try succeeded(sweep) == jobs.count)
            var extra = 0
            for job in jobs {
                let (begun, ended) = marks(sweep, job)
                #expect(ended >= 1, "job \(job) never ended")
                extra += begun - 1
            }
            #expect(extra <= inFlight, "\(extra) jobs ran again, \(inFlight) were in flight")
            let done = try sweep.journal().filter { $0.state == "succeeded" }
            #expect(Set(done.map(\.id)).count == done.count, "a job that had finished ran again")
            #expect(try sweep.results().allSatisfy { $0["state"] == "succeeded" })
        }

        @Test(arguments: [2, 4])
        func aKilledRankLeavesNothingBehind(ranks: Int) throws {
            let sweep = try SweepScratch()
            let mark = mark()
            let run = try sweep.furrow(
                [
                    "run", "--param", "n=1..8", "--", "sh", "-c",
                    "setsid sleep \(mark) & sleep \(mark)",
                ],
                ranks: ranks
            ) { _ in
                try wait { try processes(running: "sleep", mark).count >= 2 * (ranks - 1) }
                let worker = try processes(named: "furrow").first {
                    environment(of: $0)["OMPI_COMM_WORLD_RANK"] == "1" && !isKeeper($0)
                        && !isSupervisor($0)
                }
                kill(try #require(worker), SIGKILL)
            }
            #expect(run.status == 1, "\(run.errors)")
            try wait { try processes(with: mark).isEmpty }
        }

        @Test(arguments: [SIGUSR1, SIGTERM, SIGINT])
        func alone(signal: Int32) throws {
            let sweep = try SweepScratch()
            let run = try sweep.run(
                self.sweep(1...50, seconds: 0.2),
                ranks: nil,
                ["--grace", "5"]
            ) { process in
                try wait { marks(sweep, 2).begun == 1 }
                kill(process.processIdentifier, signal)
            }
            #expect(run.status == 75, "\(run.errors)")
            // At once, and again at the end.
            #expect(run.errors.contains(": no more jobs start, "), "\(run.errors)")
            #expect(run.errors.split(separator: "furrow run --resume").count == 3)
            let done = try succeeded(sweep)
            #expect(2...20 ~= done)
            let rest = try sweep.furrow(["run", "--resume"], ranks: 4)
            #expect(rest.status == 0, "\(rest.errors)")
            #expect(try succeeded(sweep) == 50)
            #expect((1...50).allSatisfy { marks(sweep, $0) == (1, 1) })
        }

        @Test(arguments: [true, false])
        func aSignalAtAnyRankDrains(atWorker: Bool) throws {
            let sweep = try SweepScratch()
            let run = try sweep.run(self.sweep(1...60, seconds: 0.2), ranks: 4) { mpirun in
                try wait { marks(sweep, 4).begun == 1 }
                let workers = try processes(named: "furrow").filter { !isSupervisor($0) }
                kill(atWorker ? try #require(workers.max()) : mpirun.processIdentifier, SIGUSR1)
            }
            #expect(run.status == 75, "\(run.errors)")
            #expect(run.errors.contains("interrupted"))
            #expect(run.errors.contains("SIGUSR1"))
            #expect(try sweep.says("status").contains("interrupted"))
            // The jobs that ran had the grace period to end.
            #expect((1...60).allSatisfy { marks(sweep, $0).begun == marks(sweep, $0).ended })
            let rest = try sweep.furrow(["run", "--resume"], ranks: 2)
            #expect(rest.status == 0)
            #expect((1...60).allSatisfy { marks(sweep, $0) == (1, 1) })
        }

        @Test(arguments: [nil, 3])
        func noJobBeginsThatWouldNotEndInTime(ranks: Int?) throws {
            let sweep = try SweepScratch()
            let limits = ["--walltime", "10", "--grace", "5"]
            let run = try sweep.run(self.sweep(1...60, seconds: 0.37), ranks: ranks, limits)
            #expect(run.status == 75, "\(run.errors)")
            #expect(run.errors.contains("before its time limit"))
            // Whatever began had the time to end.
            #expect((1...60).allSatisfy { marks(sweep, $0).begun == marks(sweep, $0).ended })
            #expect(try succeeded(sweep) > 0)
            #expect(try sweep.says("status").contains("interrupted"))
            let rest = try sweep.furrow(["run", "--resume", "--walltime", "1h"], ranks: 5)
            #expect(rest.status == 0, "\(rest.errors)")
            #expect((1...60).allSatisfy { marks(sweep, $0) == (1, 1) })
        }

        @Test func aTimeoutWhileARunEndsIsAFailureAllTheSame() throws {
            let sweep = try SweepScratch()
            let mark = mark()
            _ = try sweep.furrow(["run", "--timeout", "2", "--", "sleep", mark], ranks: nil) {
                furrow in
                try wait { try processes(running: "sleep", mark).count == 1 }
                kill(furrow.processIdentifier, SIGTERM)
            }
            #expect(try sweep.journal().map(\.state) == ["failed"])
        }

        /// SLURM signals the processes of a step one by one, and a command perhaps before its rank.
        /// Some commands leave in order when they are told to.
        @Test(
            arguments: [nil, 3],
            ["exec sleep $0", "sleep $0; exit $?", "sleep $0; sleep 2; exit 1"]
        )
        func aCommandMayBeSignalledBeforeItsRank(ranks: Int?, script: String) throws {
            let sweep = try SweepScratch()
            let mark = mark()
            let run = try sweep.furrow(
                ["run", "--param", "n=1..4", "--", "sh", "-c", script, mark],
                ranks: ranks
            ) { _ in
                let workers = max(1, (ranks ?? 0) - 1)
                try wait { try processes(running: "sleep", mark).count == workers }
                let sleeping = try #require(try processes(running: "sleep", mark).first)
                // A command leads its group.
                let rank = parent(of: parent(of: getpgid(sleeping)))
                kill(sleeping, SIGTERM)
                usleep(50_000)
                kill(rank, SIGTERM)
            }
            #expect(run.status == 75, "\(run.errors)")
            #expect(try sweep.journal().allSatisfy { $0.state == "cancelled" })
        }

        @Test(arguments: [nil, 3])
        func aJobThatOutlastsTheTimeIsCancelled(ranks: Int?) throws {
            let sweep = try SweepScratch()
            let mark = mark()
            let run = try sweep.furrow(
                [
                    "run", "--walltime", "10", "--grace", "5", "--param", "n=1..4", "--", "sleep",
                    mark,
                ],
                ranks: ranks
            )
            #expect(run.status == 75, "\(run.errors)")
            #expect(run.errors.contains("before its time limit"))
            #expect(try processes(with: mark).isEmpty)
            #expect(try sweep.journal().allSatisfy { $0.state == "cancelled" })
            // No time at all: nothing begins.
            let none = try sweep.furrow(
                ["run", "--resume", "--walltime", "1", "--grace", "1"],
                ranks: ranks
            )
            #expect(none.status == 75)
            #expect(none.errors.components(separatedBy: "leaves no time for a job").count == 2)
            #expect(try sweep.journal().count == (ranks ?? 2) - 1)
        }

        @Test func aGraceThatIsOverEndsCommands() throws {
            let sweep = try SweepScratch()
            let mark = mark()
            let run = try sweep.furrow(
                ["run", "--grace", "500ms", "--param", "n=1..9", "--", "sleep", mark],
                ranks: 4
            ) { mpirun in
                try wait { try processes(running: "sleep", mark).count == 3 }
                kill(mpirun.processIdentifier, SIGUSR1)
            }
            #expect(run.status == 75)
            #expect(run.errors.contains("3 cancelled"))
            #expect(try processes(with: mark).isEmpty)
            #expect(try sweep.journal().allSatisfy { $0.state == "cancelled" })
        }

        @Test func aSignalToMpirunLeavesTheJournalWhole() throws {
            let sweep = try SweepScratch()
            let run = try sweep.run(self.sweep(1...60, seconds: 0.1), ranks: 4) { mpirun in
                try wait { marks(sweep, 6).begun == 1 }
                kill(mpirun.processIdentifier, SIGTERM)
            }
            #expect(run.status != 0)
            // Said before mpirun kills the ranks.
            #expect(run.errors.contains(": no more jobs start, "), "\(run.errors)")
            try wait { try processes(with: "marks-").isEmpty }
            let rest = try sweep.furrow(["run", "--resume"], ranks: 2)
            #expect(rest.status == 0, "\(rest.errors)")
            #expect(try succeeded(sweep) == 60)
        }

        @Test func onlyNewPointsOfAChangedSweepRun() throws {
            let sweep = try SweepScratch()
            #expect(try sweep.run(self.sweep(3...6, seconds: 0), ranks: 2).status == 0)
            let run = try sweep.run(self.sweep(1...8, seconds: 0), ranks: 4, ["--resume"])
            #expect(run.status == 0, "\(run.errors)")
            #expect((1...8).allSatisfy { marks(sweep, $0) == (1, 1) })
            #expect(try sweep.results().map { $0["n"] } == (1...8).map { "\($0)" })
        }

        @Test func failedJobsRunAgainUnlessKept() throws {
            let sweep = try SweepScratch()
            let yaml = """
                name: marks
                command: "echo b >> {run_dir}/marks-{n}; test {n} != 2 || test -e {run_dir}/good"
                parameters: {n: {grid: [1, 2, 3]}}
                """
            #expect(try sweep.run(yaml, ranks: 2, ["--on-failure", "continue"]).status == 1)
            let kept = try sweep.furrow(["run", "--resume", "--keep-failed"], ranks: 2)
            #expect(kept.status == 1)
            #expect(kept.errors.contains("1 failed"))
            #expect(marks(sweep, 2).begun == 1)
            #expect(try sweep.furrow(["run", "--resume"], ranks: 2).status == 1)
            #expect(marks(sweep, 2).begun == 2)
            try sweep.scratch.write("", to: "runs/marks/latest/good")
            #expect(try sweep.furrow(["run", "--resume"], ranks: 2).status == 0)
            #expect(marks(sweep, 1).begun == 1 && marks(sweep, 2).begun == 3)
        }

        /// A resume by itself repeats the last start.
        @Test func anEditedFileThatIsNotTakenIsToldOf() throws {
            let sweep = try SweepScratch()
            let yaml = "{name: e, command: 'test {n} = 2', parameters: {n: {grid: [1, 2]}}}\n"
            #expect(try sweep.run(yaml, ranks: nil).status == 1)
            let same = try sweep.furrow(["run", "--resume"])
            #expect(same.status == 1 && !same.errors.contains("was changed"), "\(same.errors)")
            #expect(try sweep.furrow(["run", "sweep.yaml", "--resume"]).status == 1)
            try sweep.scratch.write(yaml.replacing("= 2", with: "!= 3"), to: "sweep.yaml")
            let old = try sweep.furrow(["run", "--resume"])
            #expect(old.status == 1, "\(old.errors)")
            let advice = "'furrow run sweep.yaml --resume' takes it"
            #expect(old.errors.contains(advice), "\(old.errors)")
            #expect(try sweep.furrow(["run", "sweep.yaml", "--resume"]).status == 0)
        }

        /// Each of 10,000 workers has left a journal, and a process may open 64 files.
        @Test func moreJournalsThanAProcessMayOpen() throws {
            let sweep = try SweepScratch()
            let run = try sweep.furrow(
                ["run", "--progress", "none", "--param", "n=1..110", "--", "echo", "{n}"],
                ranks: nil
            )
            #expect(run.status == 0, "\(run.errors)")
            let folder = sweep.url.path + "/\(try sweep.newest())/journal"
            let lines = try String(contentsOfFile: folder + "/worker-0000.jsonl", encoding: .utf8)
                .split(separator: "\n")
            #expect(lines.count == 110)
            for number in 1...10_000 {
                // Most of them had no job.
                let line = number % 100 == 0 ? "\(lines[number / 100 - 1])\n" : ""
                let name = "worker-\(String(format: "%04d", number)).jsonl"
                try Data(line.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
            for arguments in [
                ["results", "--format", "csv"], ["logs", "103"], ["status"], ["report"],
                ["explain"],
            ] {
                let answer = try sweep.furrow(arguments, descriptors: 64)
                #expect(answer.status == 0, "\(answer.errors)")
                let isOfJobs = ["results", "logs"].contains(arguments[0])
                #expect(answer.output.contains("103") || !isOfJobs)
            }
            let rest = try sweep.furrow(["run", "--resume"], ranks: 3, descriptors: 64)
            #expect(rest.status == 0, "\(rest.errors)")
            #expect(try sweep.journal().count == 210)
            #expect(try sweep.results().allSatisfy { $0["state"] == "succeeded" })
        }

        /// What a power failure left of the files that were not yet synced.
        @Test(arguments: ["", "\0\0\0", "{\"name\": \"marks\", \"sta", nil])
        func aRunGoesOnWithoutItsRecord(text: String?) throws {
            let sweep = try SweepScratch()
            #expect(try sweep.run(self.sweep(1...4, seconds: 0), ranks: 3).status == 0)
            let record = "\(try sweep.newest())/run.json"
            if let text {
                try sweep.scratch.write(text, to: record)
            } else {
                unlink(sweep.url.path + "/" + record)
            }
            let status = try sweep.furrow(["status"])
            #expect(status.status == 65, "\(status.errors)")
            #expect(status.errors.contains("/run.json is "), "\(status.errors)")
            #expect(status.errors.contains("--resume can still resume the run"), "\(status.errors)")
            #expect(!status.errors.contains("DecodingError"))
            #expect(try sweep.results().count == 4)
            #expect(try sweep.says("runs").contains("unreadable"))
            let again = try sweep.furrow(["run", "--run-dir", try sweep.newest(), "--", "true"])
            #expect(again.status == 64, "\(again.errors)")
            let rest = try sweep.furrow(["run", "--resume"], ranks: 2)
            #expect(rest.status == 0, "\(rest.errors)")
            #expect(rest.errors.components(separatedBy: "Warning:").count == 2, "\(rest.errors)")
            #expect(rest.errors.contains("/run.json is "), "\(rest.errors)")
            #expect((1...4).allSatisfy { marks(sweep, $0) == (1, 1) })
            #expect(try sweep.says("status").contains("4 done, 0 failed"))
        }

        @Test func aSweepThatIsLostIsAskedFor() throws {
            let sweep = try SweepScratch()
            #expect(try sweep.run(self.sweep(1...4, seconds: 0), ranks: 3).status == 0)
            try sweep.scratch.write("", to: "\(try sweep.newest())/sweep.yaml")
            let alone = try sweep.furrow(["run", "--resume"], ranks: 2)
            #expect(alone.status == 65)
            #expect(alone.errors.contains("furrow run SWEEP.yaml --resume"), "\(alone.errors)")
            let named = try sweep.furrow(["run", "sweep.yaml", "--resume"], ranks: 2)
            #expect(named.status == 0, "\(named.errors)")
            #expect((1...4).allSatisfy { marks(sweep, $0) == (1, 1) })
        }

        @Test func twoRunsAtATimeAreRefused() throws {
            let sweep = try SweepScratch()
            let run = try sweep.run(
                self.sweep(1...6, seconds: 0.5),
                ranks: 2,
                ["--run-dir", "kept"]
            ) { _ in
                try wait {
                    FileManager.default.fileExists(atPath: sweep.url.path + "/kept/marks-1")
                }
                let other = try sweep.furrow(
                    ["run", "sweep.yaml", "--run-dir", "kept", "--resume"],
                    ranks: 2
                )
                #expect(other.status == 64)
                #expect(other.errors.contains("is in use by process"))
            }
            #expect(run.status == 0, "\(run.errors)")
        }

        @Test func whatIsBehindAFailureCountsAsDoneBefore() throws {
            let sweep = try SweepScratch()
            let command = ["--param", "n=1..10", "--", "sh", "-c", "test {n} != 3"]
            let first = try sweep.furrow(["run", "--on-failure", "continue"] + command)
            #expect(first.status == 1, "\(first.errors)")
            let again = try sweep.furrow(["run", "--resume"])
            #expect(again.status == 1)
            #expect(
                again.errors.contains("1 failed, 0 succeeded, 9 done before"),
                "\(again.errors)"
            )
        }
    }
}
