import Foundation
import TestSupport
import Testing

extension RankTests {
    /// What one command does to its worker harms no other command.
    @Suite struct SweepFaults {
        @Test(arguments: [nil, 3])
        func aCommandThatKillsItsSupervisorFailsAlone(ranks: Int?) throws {
            let sweep = try SweepScratch()
            let mark = mark()
            let script =
                "if [ {n} = 3 ]; then setsid sleep \(mark) & kill -9 $PPID; sleep \(mark); fi"
            let run = try sweep.furrow(
                [
                    "run", "--on-failure", "continue", "--param", "n=1..60", "--", "sh", "-c",
                    "echo {n}; " + script,
                ],
                ranks: ranks
            )
            #expect(run.status == 1, "\(run.errors)")
            #expect(run.errors.contains("1 failed, 59 succeeded"), "\(run.errors)")
            #expect(run.errors.contains("the process that starts commands was killed"))
            #expect(try sweep.results().filter { $0["state"] == "failed" }.map { $0["n"] } == ["3"])
            #expect(try processes(running: "sleep", mark).isEmpty)
            for job in [2, 3, 4, 60] { #expect(try sweep.says("logs", "\(job)") == "\(job)\n") }
        }

        @Test(arguments: [nil, 2])
        func aCommandThatLeavesAPipeForAResultFailsAlone(ranks: Int?) throws {
            let sweep = try SweepScratch()
            let script = """
                case {n} in 2) mkfifo $FURROW_RESULT;; 3) rm -rf ${{FURROW_RESULT%/*}};; \
                4) mkdir $FURROW_RESULT;; *) echo '{{"x": {n}}}' > $FURROW_RESULT;; esac
                """
            let run = try sweep.furrow(
                [
                    "run", "--on-failure", "continue", "--param", "n=1..6", "--", "sh", "-c",
                    script,
                ],
                ranks: ranks
            )
            #expect(run.status == 1, "\(run.errors)")
            #expect(run.errors.contains("2 failed, 4 succeeded"), "\(run.errors)")
            #expect(run.errors.contains("$FURROW_RESULT must be a file"), "\(run.errors)")
            #expect(try sweep.results().map { $0["x"] } == ["1", nil, nil, nil, "5", "6"])
        }

        @Test(.enabled(if: SmallDisk.canBeMade, "this user may not mount a small file system"))
        func aDiskThatIsFullFromTheStartKeepsNothingOfTheRun() throws {
            let sweep = try SweepScratch()
            let path = sweep.url.path + "/disk"
            #expect(mkdir(path, 0o777) == 0)
            let disk = try SmallDisk(at: path, bytes: 4096)
            defer { disk.unmount() }
            let run = try sweep.furrow(["run", "--runs-dir", "disk/runs", "--", "true"])
            #expect(run.status == 70, "\(run.errors)")
            #expect(run.errors.contains("No space left on device"), "\(run.errors)")
            #expect(!FileManager.default.fileExists(atPath: path + "/runs"))
        }

        /// Its device, its node or its file system is not well.
        /// A worker of four fails at everything; no job is lost to it, and it is taken out.
        @Test func aRetryGoesToAnotherWorker() throws {
            let sweep = try SweepScratch()
            let run = try sweep.furrow(
                [
                    "run", "--run-dir", "r", "--on-failure", "continue", "--retries", "1",
                    "--retry-delay", "10ms", "--quarantine", "3", "--param", "n=1..40", "--", "sh",
                    "-c",
                    "sleep 0.02; test $FURROW_TASK_ID != 1 || exit 3; echo $FURROW_ATTEMPT {n}",
                ],
                ranks: 5
            )
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.errors.contains("task 1 on "), "\(run.errors)")
            #expect(run.errors.contains("failed with: exit status 3"), "\(run.errors)")
            let lines = try sweep.journal("r")
            let failed = lines.filter { $0.state == "failed" }
            #expect((3..<30).contains(failed.count) && failed.allSatisfy { $0.attempt == 1 })
            for failure in failed {
                let next = lines.first { $0.job == failure.job && $0.state == "succeeded" }
                #expect(next?.attempt == 2 && next?.rank != 2)
                let log = try sweep.says("logs", "r", "\(failure.job)")
                #expect(log.contains("2 \(failure.job)"), "\(log)")
            }
            #expect(try sweep.says("status", "r").contains("40 done, 0 failed, 0 left"))
        }

        /// What is to run once more when a run ends early has failed.
        @Test(arguments: ["finish", "abort"])
        func aJobThatWaitsForItsRetryHasFailed(policy: String) throws {
            let sweep = try SweepScratch()
            let script = """
                case {n} in
                1) exit 1 ;;
                2) sleep 0.5; exit 4 ;;
                *) sleep 1 ;;
                esac
                """
            try sweep.scratch.write(
                """
                name: r
                command: [sh, -c, \(String(reflecting: script))]
                retries: 1
                retry-delay: 60s
                retry-on: 1
                parameters: {n: {range: {start: 1, stop: 31}}}
                """,
                to: "r.yaml"
            )
            let run = try sweep.furrow(
                ["run", "r.yaml", "--run-dir", "r", "--on-failure", policy],
                ranks: 4
            )
            #expect(run.status == 1, "\(run.errors)")
            #expect(run.errors.contains("2 failed"), "\(run.errors)")
            #expect(try sweep.says("status", "r").contains("2 failed"))
            #expect(!run.timedOut)
        }

        @Test func aWorkerWhereJobsFailThatSucceedElsewhereIsTakenOut() throws {
            let sweep = try SweepScratch()
            func run(_ name: String, _ quarantine: String, _ test: String) throws
                -> MPIRun.Outcome
            {
                try sweep.furrow(
                    [
                        "run", "--run-dir", name, "--on-failure", "continue", "--quarantine",
                        quarantine, "--param", "n=1..30", "--", "sh", "-c",
                        "sleep 0.01; test \(test); echo {n}",
                    ],
                    ranks: 4
                )
            }
            let bad = try run("bad", "3", "$FURROW_TASK_ID != 1 || exit 3")
            #expect(bad.status == 0, "\(bad.errors)")
            let message = "task 1 on "
            #expect(bad.errors.components(separatedBy: "Warning: " + message).count == 2)
            #expect(bad.errors.contains("failed with: exit status 3; its jobs run on the other"))
            #expect(try sweep.says("status", "bad").contains(message))
            #expect(try sweep.scratch.text("bad/run.json").contains("\"task_id\" : 1"))
            let rows = try sweep.scratch.text("bad/results.csv").split(separator: "\n").dropFirst()
            #expect(rows.count == 30 && rows.allSatisfy { $0.contains(",succeeded,1,0,") })
            let never = try run("never", "never", "$FURROW_TASK_ID != 1 || exit 3")
            #expect(never.status == 1 && !never.errors.contains("taken out"), "\(never.errors)")
            // Where jobs fail everywhere, nobody else has to try them.
            let all = try run("all", "3", "0 = 1 || exit 3")
            #expect(all.status == 1 && all.errors.contains("30 failed"), "\(all.errors)")
            #expect(!all.errors.contains("taken out"), "\(all.errors)")
        }

        /// `kill -STOP` of the supervisor stands for a command in a file system that hangs.
        @Test func aDrainEndsThoughACommandCannotBeKilled() throws {
            let sweep = try SweepScratch()
            let mark = mark()
            let run = try sweep.furrow(
                [
                    "run", "--grace", "500ms", "--param", "n=1..4", "--", "sh", "-c",
                    "kill -STOP $PPID; sleep \(mark)",
                ],
                ranks: 2
            ) { mpirun in
                try wait { try processes(running: "sleep", mark).count == 1 }
                kill(mpirun.processIdentifier, SIGUSR1)
            }
            #expect(run.status == 75, "\(run.errors)")
            #expect(run.errors.contains("abandoned"), "\(run.errors)")
            #expect(try processes(with: mark).isEmpty)
        }

        /// A file system that hangs for a minute at each call to sync a journal.
        ///
        /// - Parameter isLate: whether all jobs have ended when the signal comes.
        @Test(arguments: [3, nil], [false, true])
        func aDrainEndsThoughAJournalCannotBeSynced(ranks: Int?, isLate: Bool) throws {
            let sweep = try SweepScratch()
            var point = FaultyCalls.Point(.files)
            (point.call, point.rank) = ("fdatasync", ranks.map { _ in 1 })
            let calls = try FaultyCalls()
            var signalled = ContinuousClock.now
            let run = try sweep.furrow(
                [
                    "run", "--grace", "500ms", "--param", isLate ? "n=1,2" : "n=1..40", "--", "sh",
                    "-c", "echo {n} >>begun; sleep \(isLate ? 0.1 : 1.5)",
                ],
                ranks: ranks,
                environment: calls.slow(point, in: sweep.url.path, microseconds: 60_000_000)
            ) { launcher in
                try wait {
                    let begun = try? sweep.scratch.text("begun")
                    let count = begun?.split(separator: "\n").count ?? 0
                    let enough = isLate ? 2 : 2 * ((ranks ?? 1) - 1) + 1
                    guard count >= enough else { return false }
                    let journal = try sweep.journal().count
                    return isLate ? journal == 2 : journal > 0
                }
                // Nothing tells from outside that a stage ends.
                if isLate { usleep(1_000_000) }
                signalled = .now
                kill(launcher.processIdentifier, SIGUSR1)
            }
            let time = ContinuousClock.now - signalled
            #expect(run.status == 70, "\(run.errors)")
            #expect(run.errors.contains("could not sync its journal"), "\(run.errors)")
            #expect(time < .seconds(25), "it took \(time)")
        }

        /// A worker each: what does not want to end.
        private static let stubborn = [
            "ignores": "trap '' TERM INT HUP USR1; while :; do sleep $MARK; done",
            "forks": "trap 'sleep $MARK & sleep $MARK' TERM; sleep $MARK",
            "leaves": "setsid sh -c 'setsid sleep $MARK & sleep $MARK' & sleep $MARK",
            "stops": "sleep $MARK & kill -STOP $$",
            "floods": "while :; do echo $MARK; done",
            "floods-errors": "sleep $MARK | while :; do echo $MARK >&2; done",
            "waits": "mkfifo fifo; sleep $MARK & cat <fifo",
            "fails": "exit 1",
            "closes": "exec >&- 2>&- <&-; trap '' TERM; sleep $MARK; sleep $MARK",
        ]

        @Test func aDrainEndsInTimeWhateverJobsDo() throws {
            let sweep = try SweepScratch()
            let mark = mark()
            let kinds = Self.stubborn.sorted { $0.key < $1.key }
            for (kind, script) in kinds {
                try sweep.scratch.write("export MARK=\(mark); \(script)", to: "\(kind).sh")
            }
            var signalled = ContinuousClock.now
            let run = try sweep.furrow(
                [
                    "run", "--grace", "1s", "--retries", "1000000", "--retry-delay", "1ms",
                    "--param",
                    "kind=\(kinds.map(\.key).joined(separator: ","))", "--", "sh", "{kind}.sh",
                ],
                ranks: kinds.count + 1
            ) { mpirun in
                try wait { try processes(running: "sleep", mark).count >= 9 }
                signalled = .now
                kill(mpirun.processIdentifier, SIGUSR1)
            }
            let time = ContinuousClock.now - signalled
            #expect(run.status == 75, "\(run.errors)")
            #expect(time < .seconds(11), "it took \(time)")
            #expect(try processes(with: mark).isEmpty)
        }
    }
}
