import Foundation
import TestSupport
import Testing

extension RankTests {
    /// Two runs never meet, and a run never writes over what is not its own.
    @Suite struct RunDirectoryFaults {
        /// The launcher leaves the other ranks two seconds.
        @Test func whenRank0IsKilledTheOthersStartNothingMore() throws {
            let sweep = try SweepScratch()
            let script =
                "echo x >> \"$FURROW_RUN_DIR/begun\"; sleep 1.5; echo x >> \"$FURROW_RUN_DIR/ended\""
            func lines(_ name: String) -> Int {
                let path = sweep.url.path + "/runs/gone/latest/\(name)"
                return FileManager.default.contents(atPath: path)?.count { $0 == 10 } ?? 0
            }
            var begun = 0
            let run = try sweep.furrow(
                ["run", "--name", "gone", "--param", "n=1..9", "--", "sh", "-c", script],
                ranks: 4
            ) { _ in
                try wait { lines("begun") == 3 }
                let root = try processes(named: "furrow").first {
                    environment(of: $0)["OMPI_COMM_WORLD_RANK"] == "0" && !isKeeper($0)
                }
                kill(try #require(root), SIGKILL)
                begun = lines("begun")
                // Begins while the others live.
                let rest = try sweep.furrow(["run", "--resume"], ranks: 2)
                #expect(rest.status == 0, "\(rest.errors)")
            }
            #expect(run.status != 0)
            #expect(begun == 3)
            // The three in flight began twice at most, all others once.
            #expect(lines("begun") <= 12 && lines("ended") <= 12)
            #expect(try sweep.results().count { $0["state"] == "succeeded" } == 9)
            for job in 1...3 { #expect(try sweep.says("logs", "\(job)") == "") }
        }

        @Test(arguments: [nil, 3])
        func aJournalThatIsGoneAtTheEndIsAnError(ranks: Int?) throws {
            let sweep = try SweepScratch()
            let run = try sweep.furrow(
                [
                    "run", "--name", "lost", "--param", "n=1..6", "--", "sh", "-c",
                    "test {n} -lt 6 || rm -f \"$FURROW_RUN_DIR\"/journal/*",
                ],
                ranks: ranks
            )
            #expect(run.status == 70, "\(run.errors)")
            #expect(run.errors.contains("6 jobs of stage 'lost' have succeeded"), "\(run.errors)")
            #expect(run.errors.contains("--resume runs what is missing again"), "\(run.errors)")
            let record = try String(
                contentsOfFile: sweep.url.path + "/runs/lost/latest/run.json",
                encoding: .utf8
            )
            #expect(record.contains("\"failed\""))
        }

        /// Its owner on another host lives, and touches it.
        @Test func aLockThatCannotBeReadOnceIsNotTaken() throws {
            let sweep = try SweepScratch()
            let first = try sweep.furrow(
                ["run", "--run-dir", "kept", "--param", "n=1..2", "--", "true"],
                ranks: nil
            )
            #expect(first.status == 0, "\(first.errors)")
            let owner = #"{"boot":"0","host":"another","process":1,"processStart":"0","since":0}"#
            let lock = try sweep.scratch.write(owner, to: "kept/lock")
            let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "touch"))
            timer.setEventHandler { utimensat(AT_FDCWD, lock, nil, 0) }
            timer.schedule(deadline: .now(), repeating: 0.1)
            timer.resume()
            defer { timer.cancel() }
            let calls = try FaultyCalls()
            // At first it is read, then looked at twice, then watched.
            for count in 1...5 {
                var point = FaultyCalls.Point(.files)
                (point.call, point.count, point.times, point.error) = ("open", count, 1, ESTALE)
                let again = try sweep.furrow(
                    ["run", "--run-dir", "kept", "--resume"],
                    ranks: nil,
                    limit: 60,
                    environment: calls.failing(point, in: lock)
                )
                #expect(again.status == 64, "\(count): \(again.status) \(again.errors)")
                #expect(again.errors.contains(" is in use by process 1 on another"))
                #expect(try sweep.scratch.text("kept/lock") == owner)
            }
        }

        @Test func aFolderWithFilesOfTheUsersIsLeftAlone() throws {
            let sweep = try SweepScratch()
            let text = "# mine\ncommand: [echo, \"{n}\"]\nparameters: {n: {grid: [1, 2]}}\n"
            let run = try sweep.run(text, ranks: 2, ["--run-dir", "."])
            #expect(run.status == 64)
            #expect(run.errors.contains("a file 'sweep.yaml', which a run would write over"))
            #expect(try sweep.scratch.text("sweep.yaml") == text)
            #expect(try FileManager.default.contentsOfDirectory(atPath: sweep.url.path).count == 1)
            // Other files do not matter, and a folder that holds the run is its own.
            try FileManager.default.createDirectory(
                atPath: sweep.url.path + "/mine",
                withIntermediateDirectories: false
            )
            _ = try sweep.scratch.write("x", to: "mine/notes.txt")
            #expect(try sweep.run(text, ranks: nil, ["--run-dir", "mine"]).status == 0)
            let again = try sweep.run(text, ranks: nil, ["--run-dir", "mine"])
            #expect(again.status == 64 && again.errors.contains("already has a run"))
            #expect(try sweep.run(text, ranks: nil, ["--run-dir", "mine", "--resume"]).status == 0)
        }

        /// Whatever a directory is called, it is one.
        @Test func aDirectoryIsOneHoweverItIsSpelled() throws {
            let sweep = try SweepScratch()
            let files = FileManager.default
            try files.createDirectory(
                atPath: sweep.url.path + "/there/deep",
                withIntermediateDirectories: true
            )
            try files.createDirectory(
                atPath: sweep.url.path + "/here",
                withIntermediateDirectories: true
            )
            try files.createSymbolicLink(
                atPath: sweep.url.path + "/here/link",
                withDestinationPath: "../there/deep"
            )
            for (place, real) in [
                ("~/runs", "~/runs"), ("here/link/../runs", "there/runs"), ("./here//r", "here/r"),
            ] {
                let command = ["--name", "n", "--param", "n=1..2", "--", "echo", "{n}"]
                let run = try sweep.furrow(["run", "--runs-dir", place] + command, ranks: nil)
                #expect(run.status == 0, "\(place): \(run.errors)")
                let directory = sweep.url.path + "/" + real + "/n/latest"
                #expect(files.fileExists(atPath: directory + "/results.csv"), "\(place)")
                #expect(files.fileExists(atPath: directory + "/run.json"), "\(place)")
                #expect(try sweep.says("logs", "2", "--runs-dir", place) == "2\n")
                let resumed = try sweep.furrow(["run", "--resume", "--runs-dir", place])
                #expect(resumed.status == 0, "\(place): \(resumed.errors)")
            }
        }

        @Test(arguments: [nil, 2])
        func argumentsThatAreNotTextAreRefused(ranks: Int?) throws {
            let sweep = try SweepScratch()
            let run = try MPIRun.run(
                "furrow",
                [],
                ranks: ranks,
                in: sweep.url,
                // Foundation hands over text alone.
                shell: "exec \"$0\" run --param \"$(printf 'x=a\\377b')\" -- printf %s '{x}'"
            )
            #expect(run.status == 64)
            #expect(run.errors.contains("argument 3,"), "\(run.errors)")
            #expect(run.errors.contains("is not valid UTF-8; put such values into a file"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: sweep.url.path) == [])
        }

        /// A reader that leaves early ends no run.
        @Test func aReaderThatLeavesDoesNotEndTheRun() throws {
            let sweep = try SweepScratch()
            let run = try MPIRun.run(
                "furrow",
                [],
                ranks: nil,
                in: sweep.url,
                shell: "\"$0\" run --print-output --param n=1..30 -- sh -c 'echo {n}; sleep 0.05'"
                    + " | head -1; echo \"${PIPESTATUS[0]}\""
            )
            #expect(run.output.hasSuffix("\n0\n"), "\(run.output) \(run.errors)")
            #expect(try sweep.results().count { $0["state"] == "succeeded" } == 30)
        }
    }
}
