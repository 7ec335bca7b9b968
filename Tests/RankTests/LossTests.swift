import Foundation
import TestSupport
import Testing

extension RankTests {
    /// Ranks that are killed while a run goes on.
    @Suite struct LostRanks {
        private let sweep: SweepScratch

        init() throws { sweep = try SweepScratch() }

        // MARK: Processes

        /// The processes of the run by rank: the ranks themselves, or their keepers.
        private func running(
            _ program: String = "furrow",
            keepers: Bool = false,
            under launcher: Launcher = .standard
        ) throws -> [Int: Int32] {
            let path = launcher.programs.appendingPathComponent(program).path
            let pairs = try processes(at: path).compactMap { process -> (Int, Int32)? in
                let environment = environment(of: process)
                let rank = (environment["OMPI_COMM_WORLD_RANK"] ?? environment["PMI_RANK"])
                    .flatMap { Int($0) }
                // What runs jobs for a rank has the same name.
                let isRank = environment["FURROW_JOB_PROCESS"] == nil
                guard let rank, isRank, isKeeper(process) == keepers, !isDead(process)
                else { return nil }
                return (rank, process)
            }
            return Dictionary(pairs) { first, _ in first }
        }

        private func recorded(_ directory: String) -> Int {
            let folder = sweep.url.path + "/\(directory)/journal"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.reduce(0) { count, name in
                let data = FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data()
                return count + data.count { $0 == 10 }
            }
        }

        private func expectNothingLeft() throws {
            try wait { try startedProcesses().isEmpty }
        }

        // MARK: Sweeps

        private static let jobs = 30

        /// A sweep whose ranks are killed once some jobs have ended.
        private func lose(
            _ victims: [Int],
            of ranks: Int,
            after ended: Int = 5,
            keepers: Bool = false,
            by signal: Int32 = SIGKILL,
            under launcher: Launcher = .standard,
            _ options: [String],
            environment: [String: String] = [:]
        ) throws -> MPIRun.Outcome {
            let command = ["sh", "-c", "sleep 0.1; echo {n}"]
            let input = ["--name", "s", "--param", "n=1..\(Self.jobs)"]
            let run = try sweep.furrow(
                ["run"] + input + options + ["--"] + command,
                ranks: ranks,
                under: launcher,
                limit: 120,
                environment: environment
            ) { _ in
                try wait { recorded("runs/s/latest") >= ended }
                let found = try running(keepers: keepers, under: launcher)
                for victim in victims { kill(try #require(found[victim]), signal) }
            }
            try expectNothingLeft()
            return run
        }

        private func expectEachOnce() throws {
            let rows = try sweep.results()
            #expect(rows.compactMap { $0["n"].flatMap { Int($0) } } == Array(1...Self.jobs))
            #expect(rows.allSatisfy { $0["state"] == "succeeded" })
            let log = try sweep.scratch.text("\(sweep.newest())/joblog.tsv")
            #expect(log.split(separator: "\n").count == Self.jobs + 1)
            let successes = try sweep.journal().filter { $0.state == "succeeded" }.map(\.id)
            #expect(Set(successes).count == successes.count, "a job that had finished ran again")
        }

        @Test(arguments: [
            (3, [1], "dynamic", "vader"), (5, [2, 4], "dynamic", "tcp"), (4, [3], "static", "tcp"),
            (4, [1, 2], "static,2", "vader"), (5, [1, 2, 3], "dynamic,1", "vader"),
        ])
        func theOthersRunEverything(
            ranks: Int,
            victims: [Int],
            schedule: String,
            network: String
        ) throws {
            let run = try lose(
                victims,
                of: ranks,
                ["--on-loss", "continue", "--schedule", schedule],
                environment: ["OMPI_MCA_btl": "\(network),self"]
            )
            #expect(run.status == 0, "\(run.errors)")
            for victim in victims {
                let warning = "Warning: s: rank \(victim) on "
                #expect(run.errors.components(separatedBy: warning).count == 2, "\(run.errors)")
            }
            #expect(run.errors.contains("was killed by signal 9"), "\(run.errors)")
            try expectEachOnce()
            let record = try sweep.scratch.text("\(sweep.newest())/run.json")
            let fate = "its rank was killed by signal 9 (Killed), with job "
            #expect(record.components(separatedBy: fate).count == victims.count + 1, "\(record)")
            #expect(try sweep.says("status", "s").contains("30 done, 0 failed, 0 left"))
        }

        /// Rank 0 is told of the stopped rank by its keeper, which kills it.
        @Test(arguments: [(3, "continue"), (5, "continue"), (4, "abort")])
        func aRankThatHangsIsAWorkerLess(ranks: Int, policy: String) throws {
            let options = ["--on-loss", policy, "--heartbeat", "4s"]
            let run = try lose([2], of: ranks, by: SIGSTOP, options)
            #expect(run.status == (policy == "abort" ? 1 : 0), "\(run.errors)")
            let fate =
                "rank 2 on \(ProcessInfo.processInfo.hostName) gave no sign of life, and was killed, with job "
            #expect(run.errors.contains(fate), "\(run.errors)")
            let rest = try sweep.furrow(["run", "--resume"], ranks: 2)
            #expect(rest.status == 0, "\(rest.errors)")
            try expectEachOnce()
        }

        /// Neither does it hang while its job takes longer, nor if the system stops it together with
        /// its keeper, nor for a while.
        @Test func aPauseIsNotTheEndOfARank() throws {
            let mark = "4.\(UInt32.random(in: 0...UInt32.max))"
            let run = try sweep.furrow(
                [
                    "run", "--name", "s", "--param", "n=1..4", "--on-loss", "continue",
                    "--heartbeat", "3s", "--", "sleep", mark,
                ],
                ranks: 3,
                limit: 120
            ) { _ in
                try wait { try processes(running: "sleep", mark).count == 2 }
                let rank = try #require(try running()[2])
                kill(rank, SIGSTOP)
                usleep(1_000_000)
                kill(rank, SIGCONT)
                let keeper = try #require(try running(keepers: true)[1])
                let ward = try #require(try running()[1])
                for process in [keeper, ward] { kill(process, SIGSTOP) }
                usleep(5_000_000)
                for process in [ward, keeper] { kill(process, SIGCONT) }
            }
            #expect(run.status == 0, "\(run.errors)")
            #expect(!run.errors.contains("Warning: s:"), "\(run.errors)")
            try expectNothingLeft()
        }

        /// What starts ranks here besides the mpirun of all other tests.
        @Test(
            .enabled(if: Launcher.all.count > 1, "make openmpi5 and make mpich install others"),
            arguments: Launcher.all.dropFirst(),
            [
                (3, [2], SIGKILL, 0), (5, [1, 4], SIGKILL, 0), (4, [3], SIGSTOP, 0),
                (4, [2], SIGKILL, 1),
            ]
        )
        func otherLaunchersLetTheOthersLive(
            launcher: Launcher,
            given: (ranks: Int, victims: [Int], signal: Int32, status: Int32)
        ) throws {
            let options = [
                "--on-loss", given.status == 0 ? "continue" : "abort", "--heartbeat", "4s",
            ]
            let run = try lose(
                given.victims,
                of: given.ranks,
                by: given.signal,
                under: launcher,
                options
            )
            #expect(run.status == given.status, "\(run.errors)")
            for victim in given.victims {
                let name = "rank \(victim) on "
                #expect(run.errors.components(separatedBy: name).count == 2, "\(run.errors)")
            }
            if given.status != 0 {
                let rest = try sweep.furrow(["run", "--resume"], ranks: 3, under: launcher)
                #expect(rest.status == 0, "\(rest.errors)")
            }
            try expectEachOnce()
        }

        @Test(
            .enabled(if: Launcher.all.count > 1, "make openmpi5 and make mpich install others"),
            arguments: Launcher.all.dropFirst()
        )
        func otherLaunchersEndAsOpenMPI4Does(launcher: Launcher) throws {
            let list = ["--param", "n=1..\(Self.jobs)", "--"]
            let failed = try SweepScratch().furrow(
                ["run"] + list + ["sh", "-c", "test {n} != 3"],
                ranks: 3,
                under: launcher
            )
            #expect(failed.status == 1, "\(failed.errors)")
            #expect(failed.errors.contains("job 3 {"), "\(failed.errors)")
            let refused = try sweep.furrow(["run", "--jobs", "0"], ranks: 3, under: launcher)
            #expect(refused.status == 64, "\(refused.errors)")
            let drained = try sweep.furrow(
                ["run", "--name", "s"] + list + ["sleep", "0.2"],
                ranks: 3,
                under: launcher
            ) { _ in
                try wait { recorded("runs/s/latest") >= 2 }
                kill(try #require(try running(under: launcher)[1]), SIGUSR1)
            }
            #expect(drained.status == 75, "\(drained.errors)")
            let ended = try sweep.furrow(["run", "--resume"], ranks: 4, under: launcher) { _ in
                try wait { recorded("runs/s/latest") >= 5 }
                kill(try #require(try running(under: launcher)[0]), SIGKILL)
            }
            #expect(ended.status != 0, "\(ended.errors)")
            try expectNothingLeft()
            let rest = try sweep.furrow(["run", "--resume"], ranks: 5, under: launcher)
            #expect(rest.status == 0, "\(rest.errors)")
            try expectEachOnce()
        }

        @Test func aKilledRankEndsTheRunWithItsName() throws {
            let run = try lose([2], of: 4, [])
            #expect(run.status == 1, "\(run.errors)")
            #expect(run.errors.contains("Error: stage 's' has lost a rank: 0 failed, "))
            #expect(run.errors.contains("rank 2 on "))
            #expect(run.errors.contains("was killed by signal 9 (Killed), with job "))
            #expect(run.errors.contains("to go on: furrow run --resume"), "\(run.errors)")
            #expect(run.errors.components(separatedBy: "Error").count == 2, "\(run.errors)")
            let rows = try sweep.results().filter { $0["state"] == "succeeded" }
            #expect((5..<Self.jobs).contains(rows.count))
            #expect(try rows.count == sweep.journal().count { $0.state == "succeeded" })
            // No job has failed: batch scripts go on with such a run.
            #expect(try sweep.says("runs").contains("interrupted"))
            let rest = try sweep.furrow(["run", "--resume"], ranks: 3)
            #expect(rest.status == 0, "\(rest.errors)")
            try expectEachOnce()
        }

        @Test func moreThanMayDieEndTheRun() throws {
            let run = try lose([1, 3], of: 5, ["--on-loss", "continue", "--max-lost", "1"])
            #expect(run.status == 1, "\(run.errors)")
            #expect(run.errors.contains("; the run goes on without it"), "\(run.errors)")
            #expect(run.errors.contains("Error: stage 's' has lost a rank"), "\(run.errors)")
        }

        @Test(arguments: [2, 4])
        func withoutAnyWorkerTheRunEnds(ranks: Int) throws {
            let run = try lose(Array(1..<ranks), of: ranks, ["--on-loss", "continue"])
            #expect(run.status == 1, "\(run.errors)")
            #expect(run.errors.contains("Error: stage 's' has lost a rank"), "\(run.errors)")
            let rest = try sweep.furrow(["run", "--resume"], ranks: 3)
            #expect(rest.status == 0, "\(rest.errors)")
            try expectEachOnce()
        }

        /// Nobody can take the place of rank 0, nor of a keeper.
        @Test(arguments: [(0, false), (0, true), (2, true)])
        func rank0AndKeepersEndAll(victim: Int, isKeeper: Bool) throws {
            let run = try lose([victim], of: 3, keepers: isKeeper, ["--on-loss", "continue"])
            #expect(run.status != 0)
            let rest = try sweep.furrow(["run", "--resume"], ranks: 3)
            #expect(rest.status == 0, "\(rest.errors)")
            #expect(try sweep.results().allSatisfy { $0["state"] == "succeeded" })
        }

        @Test func aStageAfterTheLossRunsOnTheOthers() throws {
            let yaml = """
                name: two
                stages:
                  - name: first
                    command: sleep 0.1; echo {n}
                    parameters: {n: {range: {start: 0, stop: 12}}}
                  - name: second
                    command: sleep 0.05; echo {m}
                    parameters: {m: {range: {start: 0, stop: 12}}}
                """
            let run = try sweep.run(yaml, ranks: 4, ["--on-loss", "continue"]) { _ in
                try wait { recorded("runs/two/latest") >= 3 }
                kill(try #require(try running()[2]), SIGKILL)
                try wait { recorded("runs/two/latest") >= 16 }
                kill(try #require(try running()[1]), SIGKILL)
            }
            #expect(run.status == 0, "\(run.errors)")
            try expectNothingLeft()
            let done = try sweep.journal().filter { $0.state == "succeeded" }.map(\.id)
            #expect(done.count == 24 && Set(done).count == 24)
        }

        // MARK: Typed applications

        private func typed(
            _ options: [String],
            whileRunning: (Process) throws -> Void
        ) throws -> MPIRun.Outcome {
            try sweep.scratch.write(
                "step: {point: {grid: \(Array(0..<40))}, milliseconds: 50, bytes: 100000}\n",
                to: "step.yaml"
            )
            let run = try MPIRun.run(
                "Scenarios",
                ["recorded", "--config", "step.yaml"] + options,
                ranks: 4,
                in: sweep.url,
                whileRunning: whileRunning
            )
            #expect(!run.timedOut)
            try expectNothingLeft()
            return run
        }

        @Test(arguments: [(SIGKILL, "none"), (SIGSEGV, "none"), (SIGKILL, "process")])
        func resultsOfALostRankAreReadFromItsJournal(signal: Int32, isolation: String) throws {
            let options = ["--run-dir", "runs/t/1", "--on-loss", "continue"]
            let run = try typed(options + ["--isolation", isolation]) { _ in
                try wait { recorded("runs/t/1") >= 10 }
                kill(try #require(try running("Scenarios")[2]), signal)
            }
            #expect(run.status == 0, "\(run.errors)")
            let rows = try sweep.scratch.text("runs/t/1/results.csv").split(separator: "\n")
            #expect(rows.map { String($0) } == (0..<40).map { "\($0),\(1 / Double($0 + 1))" })
        }

        /// Each stage kills a rank that has recorded results, which are seen, summed and saved once.
        @Test func whatIsDoneWithResultsHasThoseOfLostRanks() throws {
            let kept = try Scratch(with: "journal")
            let run = try MPIRun.run(
                "Scenarios",
                ["observed", "--loses", "--directory", kept.path],
                ranks: 5,
                in: sweep.url
            )
            #expect(!run.timedOut)
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.errors.components(separatedBy: "was killed by signal 9").count == 4)
            let told = run.lines.filter { $0.hasPrefix("rank 0: ") }
            #expect(
                told == [
                    "rank 0: onResult: 200 seen, right true, 200 collected",
                    "rank 0: reduce: 200 results, mean 49.75, variance 833.3125",
                    "rank 0: saving: 200 saved, 200 collected",
                ],
                "\(run.lines)"
            )
            try expectNothingLeft()
        }

        @Test func withoutARecordNobodyGoesOn() throws {
            let run = try typed(["--on-loss", "continue"]) { _ in }
            #expect(run.status == 64)
            #expect(run.errors.contains("add --run-dir"), "\(run.errors)")
        }
    }
}
