import Foundation
import TestSupport
import Testing

extension ClusterTests {
    /// The batch scripts on a real SLURM cluster.
    @Suite(
        .enabled(if: SlurmCluster.obstacle == nil, "\(SlurmCluster.obstacle ?? "")"),
        .slurmCluster
    )
    struct Slurm {
        private let cluster: SlurmCluster

        init() throws { cluster = try SlurmCluster() }

        private func write(_ text: String, to name: String = "sweep.yaml") throws {
            try cluster.sweep.scratch.write(text, to: name)
        }

        private static let digits = """
            name: digits
            command: [anomaly-benchmark, detect, --model, gaussian, --category, "{category}"]
            parameters: {category: {grid: [0, 1, 2, 3]}}
            results: {auroc: {regex: 'AUROC ([0-9.]+)', required: true}}
            """

        private static let columns = "category,auroc"

        /// What a run of the digits without mpirun finds.
        private static let serial = Result {
            let cluster = try SlurmCluster()
            try cluster.sweep.scratch.write(digits, to: "sweep.yaml")
            try cluster.run("furrow", "run", "sweep.yaml", "--run-dir", "serial")
            return try cluster.results("serial", columns)
        }

        /// Commands of a second that say where they run.
        private func marks(_ jobs: Int, seconds: Double = 1) -> String {
            """
            name: marks
            command: "echo at $SLURMD_NODENAME:$CUDA_VISIBLE_DEVICES; sleep \(seconds) # {n}"
            parameters: {n: {range: {start: 0, stop: \(jobs)}}}
            results: {place: {regex: 'at (.*)'}}
            """
        }

        /// Every job succeeded, and none of them twice.
        private func expectAllOnce(_ jobs: Int, _ job: String) throws {
            let successes = try cluster.successes(cluster.directory(of: job))
            #expect(successes.keys.sorted() == Array(1...jobs), "\(cluster.log(job))")
            let twice = successes.filter { $0.value > 1 }.keys.sorted()
            #expect(twice.isEmpty, "\(twice) ran again after they had succeeded")
        }

        // MARK: Every script

        @Test(
            .timeLimit(.minutes(5)),
            arguments: [
                ("furrow", "--nodes=2 --ntasks-per-node=2"),
                ("furrow", "--nodes=1 --ntasks-per-node=1"),
                ("furrow-gpu", "--nodes=2 --gpus-per-node=2"),
                ("furrow-preemptible", "--nodes=2 --ntasks-per-node=1"),
                ("furrow-preemptible", "--nodes=1 --gpus-per-node=3"),
            ],
            ["mpirun", "srun"]
        )
        func aScriptRunsTheDigits(script: (String, String), launcher: String) throws {
            try write(Self.digits)
            let job = try cluster.submit(script.0, script.1, "sweep.yaml", launcher: launcher)
            #expect(try cluster.end(of: job) == "COMPLETED 0:0", "\(cluster.log(job))")
            let rows = try cluster.results(cluster.directory(of: job), Self.columns)
            #expect(rows == (try Self.serial.get()))
            #expect(cluster.log(job).contains("digits: 4/4 jobs"))
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["mpirun", "srun"])
        func aTypedApplicationRuns(launcher: String) throws {
            try write(
                """
                benchmark:
                  seed: 42
                  model: {class_path: gaussian}
                  data: {class_path: digits, init_args: {category: {grid: [0, 1, 2, 3]}}}
                """,
                to: "benchmark.yaml"
            )
            let job = try cluster.submit(
                "typed",
                "--nodes=2 --ntasks-per-node=2",
                "anomaly-benchmark",
                "run",
                "--config",
                "benchmark.yaml",
                launcher: launcher
            )
            #expect(try cluster.end(of: job) == "COMPLETED 0:0", "\(cluster.log(job))")
            let typed = try cluster.results(cluster.directory(of: job), Self.columns)
            let swept = try Self.serial.get()
            #expect(typed.map { $0[0] } == swept.map { $0[0] })
            for (one, other) in zip(typed, swept) {
                let values = try (#require(Double(one[1])), #require(Double(other[1])))
                #expect(abs(values.0 - values.1) < 1e-6)
            }
        }

        /// A step in a job, whose cores the run's own step has.
        @Test(.timeLimit(.minutes(4)), arguments: ["mpirun", "srun"])
        func aCommandMayStartAStep(launcher: String) throws {
            try write(
                "{name: step, command: 'srun -N1 -n1 echo a step', timeout: 60s, "
                    + "parameters: {n: {grid: [1, 2]}}, results: {m: {regex: '(a step)'}}}"
            )
            let job = try cluster.submit(
                "furrow",
                "--ntasks-per-node=2",
                "sweep.yaml",
                launcher: launcher
            )
            #expect(try cluster.end(of: job) == "COMPLETED 0:0", "\(cluster.log(job))")
            let rows = try cluster.results(cluster.directory(of: job), "n,m")
            #expect(rows == [["1", "a step"], ["2", "a step"]])
        }

        @Test(.timeLimit(.minutes(4)), arguments: ["mpirun", "srun"])
        func aFailedJobIsAFailedJobOfSlurm(launcher: String) throws {
            try write("{name: bad, command: 'exit 3'}")
            let job = try cluster.submit(
                "furrow",
                "--ntasks-per-node=2",
                "sweep.yaml",
                launcher: launcher
            )
            #expect(try cluster.end(of: job) == "FAILED 1:0", "\(cluster.log(job))")
            // A sweep that cannot be read is none that fails.
            try write("{name: bad, comand: 'exit 3'}")
            for script in ["furrow", "furrow-preemptible"] {
                let other = try cluster.submit(
                    script,
                    "--ntasks-per-node=2",
                    "sweep.yaml",
                    launcher: launcher
                )
                #expect(try cluster.end(of: other) == "FAILED 65:0", "\(cluster.log(other))")
            }
        }

        @Test(.timeLimit(.minutes(3)), arguments: ["furrow", "furrow-preemptible"])
        func aCommandMayStandBehindTheScript(script: String) throws {
            let job = try cluster.submit(
                script,
                "--ntasks-per-node=4 --cpus-per-task=2",
                "--param",
                "n=1..6",
                "--",
                "echo",
                "--run-dir",
                "{n}"
            )
            #expect(try cluster.end(of: job) == "COMPLETED 0:0", "\(cluster.log(job))")
            try expectAllOnce(6, job)
            let ranks = "\(cluster.sweep.url.path)/\(cluster.directory(of: job))/ranks"
            // Four workers of two cores, and rank 0.
            let lines = try String(contentsOfFile: ranks, encoding: .utf8).split(separator: "\n")
            #expect(lines == Array(repeating: "n1", count: 5))
        }

        // MARK: Devices

        @Test(
            .timeLimit(.minutes(4)),
            arguments: [
                ("--nodes=2 --gpus-per-node=4", ["n1": [0, 1, 2, 3], "n2": [0, 1, 2, 3]]),
                ("--nodes=1 --gpus-per-node=3 --nodelist=n2", ["n2": [0, 1, 2]]),
                ("--nodes=2 --gres=gpu:2 --ntasks=5", ["n1": [0, 1], "n2": [0, 1]]),
                ("--nodes=2 --gpus=5", ["n1": [0, 1, 2, 3], "n2": [3]]),
            ] as [(String, [String: [Int]])],
            ["mpirun", "srun"]
        )
        func eachDeviceHasOneWorker(
            allocation: (String, [String: [Int]]),
            launcher: String
        ) throws {
            // On the second node only one GPU is left, its last. The script knows that this is for srun.
            let isUneven = allocation.0.contains("--gpus=5")
            let blocker = try isUneven ? block(gpus: 3, of: "n2") : nil
            defer { if let blocker { _ = try? cluster.run("scancel", blocker) } }
            let launcher = isUneven && launcher == "mpirun" ? "" : launcher
            let devices = allocation.1.flatMap { node, gpus in gpus.map { "\(node):\($0)" } }
            try write(marks(3 * devices.count, seconds: 0.3))
            let job = try cluster.submit(
                "furrow-gpu",
                allocation.0,
                "sweep.yaml",
                launcher: launcher
            )
            #expect(try cluster.end(of: job) == "COMPLETED 0:0", "\(cluster.log(job))")
            let rows = try cluster.results(cluster.directory(of: job), "task_id,place")
            let pairs = Set(rows)
            #expect(Set(pairs.map { $0[1] }) == Set(devices))
            #expect(pairs.count == devices.count, "a worker, a device: \(pairs)")
            #expect(!cluster.log(job).contains("share"))
        }

        @Test(.timeLimit(.minutes(3)), arguments: ["furrow-gpu", "furrow-preemptible"])
        func workersMayHaveTwoDevices(script: String) throws {
            // A comma would part the columns.
            let marks = marks(8, seconds: 0.3)
                .replacing("$CUDA_VISIBLE_DEVICES", with: "$(echo $CUDA_VISIBLE_DEVICES | tr , +)")
            try write(marks)
            let job = try cluster.submit(
                script,
                "--nodes=2 --gpus-per-node=4 --export=ALL,FURROW_WORKERS_PER_NODE=2",
                "sweep.yaml",
                "--gpus-per-job",
                "2"
            )
            #expect(try cluster.end(of: job) == "COMPLETED 0:0", "\(cluster.log(job))")
            let columns = "task_id,place"
            let pairs = Set(try cluster.results(cluster.directory(of: job), columns))
            #expect(pairs.count == 4, "a worker, its devices: \(pairs)")
            #expect(Set(pairs.map { $0[1] }) == ["n1:0+1", "n1:2+3", "n2:0+1", "n2:2+3"])
        }

        /// Takes devices of a node for as long as a test runs.
        private func block(gpus: Int, of node: String) throws -> String {
            let job = try cluster.run(
                "sbatch",
                "--parsable",
                "--nodelist=\(node)",
                "--gres=gpu:\(gpus)",
                "--output=/dev/null",
                "--wrap",
                "sleep 60"
            ).trimmingCharacters(in: .whitespacesAndNewlines)
            try wait(every: 0.3) { try cluster.field("JobState", of: job) == "RUNNING" }
            return job
        }

        @Test(.timeLimit(.minutes(4)))
        func moreWorkersThanDevicesAreWarnedOfOnce() throws {
            try write(marks(12, seconds: 0.2))
            try write(
                """
                #!/bin/sh
                mpirun -q --oversubscribe -n 6 furrow devices
                mpirun -q --oversubscribe -n 6 furrow run sweep.yaml --run-dir shared
                mpirun -q --oversubscribe -n 4 furrow devices --gpus-per-job 2
                """,
                to: "shared.sbatch"
            )
            let job = try cluster.run(
                "sbatch",
                "--parsable",
                "--gres=gpu:3",
                "--output=shared-%j.log",
                "shared.sbatch"
            ).trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(try cluster.end(of: job) == "COMPLETED 0:0")
            let log = cluster.log(job)
            #expect(log.contains("Warning: device 0 of n1 is shared by tasks 0, 3\n"), "\(log)")
            #expect(log.contains("Warning: device 1 of n1 is shared by tasks 1, 4\n"))
            #expect(!log.contains("Warning: device 2 of n1 is shared by tasks 2"))
            #expect(log.ranges(of: "4 workers share their devices with others").count == 1)
            #expect(log.contains("CUDA_VISIBLE_DEVICES=2,0"), "\(log)")
            let rows = try cluster.results("shared", "task_id,place")
            #expect(Set(rows.map { $0[1] }) == ["n1:0", "n1:1", "n1:2"])
        }

        // MARK: Ends before the end

        private static let launchers = ["mpirun", "srun"]

        /// The jobs of both launchers run side by side.
        @Test(.timeLimit(.minutes(4)))
        func aCancelledJobStaysCancelled() throws {
            try write(marks(30))
            let options = "--nodes=2 --ntasks-per-node=2"
            let jobs = try Self.launchers.map {
                try cluster.submit("furrow-preemptible", options, "sweep.yaml", launcher: $0)
            }
            for job in jobs { try cluster.reach(8, in: cluster.directory(of: job)) }
            try cluster.run(["scancel"] + jobs)
            for job in jobs {
                #expect(try cluster.end(of: job).hasPrefix("CANCELLED"), "\(cluster.log(job))")
                #expect(try cluster.field("Restarts", of: job) == "0")
            }
            // Other jobs, on other nodes, go on with their runs.
            let next = try zip(jobs, Self.launchers).map { job, launcher in
                try cluster.submit(
                    "furrow",
                    "--nodes=1 --ntasks-per-node=5",
                    "sweep.yaml",
                    launcher: launcher,
                    goingOnWith: cluster.directory(of: job)
                )
            }
            for job in next {
                #expect(try cluster.end(of: job) == "COMPLETED 0:0", "\(cluster.log(job))")
            }
            for job in jobs { try expectAllOnce(30, job) }
        }

        @Test(.timeLimit(.minutes(5)))
        func aRunEndsBeforeItsTimeLimit() throws {
            // Not as long as just below what the dispatcher rounds up to.
            try write(marks(230, seconds: 1.05))
            let options = "--nodes=2 --ntasks-per-node=2 --time=1"
            let job = try cluster.submit("furrow", options, "sweep.yaml")
            // Not TIMEOUT: nothing was running any more when the minute was over.
            #expect(
                try cluster.end(of: job, within: 150) == "FAILED 75:0",
                "\(cluster.log(job))"
            )
            #expect(cluster.log(job).contains("before its time limit"))
            let directory = cluster.directory(of: job)
            #expect(try cluster.successes(directory).count > 50)
            let states = try cluster.sweep.journal(directory).map(\.state)
            #expect(states.allSatisfy { $0 == "succeeded" }, "a job was begun that did not fit")
            let next = try cluster.submit(
                "furrow",
                "--ntasks-per-node=8",
                "sweep.yaml",
                goingOnWith: directory
            )
            #expect(try cluster.end(of: next) == "COMPLETED 0:0", "\(cluster.log(next))")
            try expectAllOnce(230, job)
        }

        /// The jobs of both launchers run side by side.
        @Test(.timeLimit(.minutes(6)))
        func aWarnedJobDrainsAndComesBack() throws {
            try write(marks(120))
            // SLURM looks every 30 seconds whom to warn before the next look: the warning comes when
            // between 20 and 50 of 180 seconds are over, and of 60 that the jobs take.
            let options = "--nodes=2 --ntasks-per-node=1 --time=3 --signal=B:USR1@130"
            let jobs = try Self.launchers.map {
                try cluster.submit("furrow-preemptible", options, "sweep.yaml", launcher: $0)
            }
            for job in jobs {
                #expect(
                    try cluster.end(of: job, within: 220) == "COMPLETED 0:0",
                    "\(cluster.log(job))"
                )
                #expect(try cluster.field("Restarts", of: job) != "0")
                #expect(cluster.log(job).contains("by SIGUSR1"))
                try expectAllOnce(120, job)
                let states = try cluster.sweep.journal(cluster.directory(of: job)).map(\.state)
                #expect(states.allSatisfy { $0 == "succeeded" }, "what ran had time to end")
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func aPassWithoutProgressIsTheLast() throws {
            try write(marks(3, seconds: 30))
            let options = "--ntasks-per-node=2"
            let job = try cluster.submit(
                "furrow-preemptible",
                options,
                "sweep.yaml",
                "--walltime",
                "4",
                "--grace",
                "1"
            )
            #expect(try cluster.end(of: job) == "FAILED 75:0", "\(cluster.log(job))")
            #expect(try cluster.field("Restarts", of: job) == "0")
            #expect(cluster.log(job).contains("not requeued"))
        }

        @Test(.timeLimit(.minutes(3)))
        func aWarningBeforeTheRunHasBegunIsNotLost() throws {
            try write(marks(20))
            let job = try cluster.submit("furrow-preemptible", "--ntasks-per-node=2", "sweep.yaml")
            // The script counts the ranks it will start.
            let ranks = "\(cluster.sweep.url.path)/\(cluster.directory(of: job))/ranks"
            try wait(every: 0.01) { FileManager.default.fileExists(atPath: ranks) }
            try cluster.run("scancel", "--batch", "--signal=USR1", job)
            try wait(every: 0.3) { cluster.log(job).contains("by SIGUSR1") }
            try cluster.run("scancel", job)
        }

        /// A command kills its own rank, once, on another node than rank 0's.
        @Test(.timeLimit(.minutes(3)), arguments: ["mpirun", "srun"])
        func aKilledRankIsAWorkerLess(launcher: String) throws {
            try write(
                """
                name: less
                command:
                  - sh
                  - -c
                  - |
                    sleep 0.1
                    test "$SLURMD_NODENAME" = n2 && mkdir "$FURROW_RUN_DIR/once" 2>&- || exit 0
                    kill -9 $(ps -o ppid= -p $PPID)
                    sleep 60
                parameters: {n: {range: {start: 0, stop: 40}}}
                """
            )
            let job = try cluster.submit(
                "furrow",
                "--nodes=2 --ntasks-per-node=2",
                "sweep.yaml",
                launcher: launcher
            )
            #expect(try cluster.end(of: job) == "COMPLETED 0:0", "\(cluster.log(job))")
            #expect(cluster.log(job).contains("the run goes on without it"), "\(cluster.log(job))")
            #expect(try cluster.successes(cluster.directory(of: job)).count == 40)
        }

        @Test(.timeLimit(.minutes(3)))
        func whatCannotRunIsSaidAtOnce() throws {
            try write(marks(2))
            let refusals = [
                ("furrow", "--export=ALL,FURROW_WORKERS_PER_NODE=0", ["sweep.yaml"]),
                ("furrow", "--export=ALL,FURROW_WORKERS_PER_NODE=two", ["sweep.yaml"]),
                ("furrow", "", []), ("furrow-preemptible", "", []), ("typed", "", []),
                ("furrow-gpu", "", ["sweep.yaml"]),
            ]
            let jobs = try refusals.map { script, options, arguments in
                try cluster.submit(script, "--ntasks-per-node=2 \(options)", arguments)
            }
            for job in jobs {
                #expect(try cluster.end(of: job) == "FAILED 64:0", "\(cluster.log(job))")
                #expect(cluster.log(job).contains("Error: "), "\(cluster.log(job))")
            }
        }

        /// Without PMIx each process sees itself alone.
        @Test(.timeLimit(.minutes(3)))
        func srunWithoutPMIxIsRefusedAndOneProcessRuns() throws {
            try write(marks(2))
            let furrow = "furrow run sweep.yaml >>out.txt 2>&1; echo status $? >>out.txt"
            for tasks in [3, 1] {
                try cluster.run(
                    "srun",
                    "--mpi=none",
                    "--ntasks=\(tasks)",
                    "--overcommit",
                    "sh",
                    "-c",
                    furrow
                )
            }
            let out = try cluster.sweep.scratch.text("out.txt")
            #expect(out.components(separatedBy: "status 64").count == 4, "\(out)")
            #expect(out.components(separatedBy: "srun --mpi=pmix").count == 2, "\(out)")
            #expect(out.components(separatedBy: "status 0").count == 2, "\(out)")
        }

        /// The scripts' own --ntasks-per-node is still there.
        @Test(.timeLimit(.minutes(3)), arguments: ["furrow", "furrow-preemptible"])
        func aNumberOfTasksIsThatOfWorkers(script: String) throws {
            try write(marks(4, seconds: 0.1))
            for (options, ranks) in [("-n 5 --nodes=2", 6), ("-n 3", 4)] {
                let job = try cluster.submit(script, options, "sweep.yaml")
                #expect(try cluster.end(of: job) == "COMPLETED 0:0", "\(cluster.log(job))")
                let hosts = try cluster.sweep.scratch.text("\(cluster.directory(of: job))/ranks")
                #expect(hosts.split(separator: "\n").count == ranks, "\(hosts)")
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func commandsKnowTheirCores() throws {
            try write(
                """
                name: cores
                command: echo "$SLURM_CPUS_PER_TASK" > cores-{n}.txt
                parameters: {n: {grid: [1, 2]}}
                """
            )
            let job = try cluster.submit(
                "furrow",
                "--ntasks-per-node=2 --cpus-per-task=2",
                "sweep.yaml"
            )
            #expect(try cluster.end(of: job) == "COMPLETED 0:0", "\(cluster.log(job))")
            #expect(try cluster.sweep.scratch.text("cores-1.txt") == "2\n")
        }

        @Test(.timeLimit(.minutes(3)), arguments: launchers)
        func aPreemptionBeforeTheFirstSuccessIsNotTheEnd(launcher: String) throws {
            try write(marks(4, seconds: 8))
            let job = try cluster.submit(
                "furrow-preemptible",
                "--partition=grace --nodes=2 --ntasks-per-node=2",
                "sweep.yaml",
                launcher: launcher
            )
            let record = "\(cluster.sweep.url.path)/\(cluster.directory(of: job))/run.json"
            try wait(every: 0.3) { FileManager.default.fileExists(atPath: record) }
            try expectPreempted(4, job)
        }

        /// A job of a partition that others have to make room for comes, and the other comes back after.
        private func expectPreempted(_ jobs: Int, _ job: String) throws {
            try cluster.run(
                "sbatch",
                "--partition=urgent",
                "--nodes=2",
                "--exclusive",
                "--output=/dev/null",
                "--wrap",
                "sleep 1"
            )
            #expect(
                try cluster.end(of: job, within: 180) == "COMPLETED 0:0",
                "\(cluster.log(job))"
            )
            #expect(try cluster.field("Restarts", of: job) == "1", "\(cluster.log(job))")
            try expectAllOnce(jobs, job)
        }

        @Test(
            .timeLimit(.minutes(5)),
            arguments: [("preempt", "mpirun"), ("grace", "mpirun"), ("grace", "srun")]
        )
        func aPreemptedJobComesBack(partition: String, launcher: String) throws {
            try write(marks(40))
            let job = try cluster.submit(
                "furrow-preemptible",
                "--partition=\(partition) --nodes=2 --ntasks-per-node=2",
                "sweep.yaml",
                launcher: launcher
            )
            try cluster.reach(8, in: cluster.directory(of: job))
            try expectPreempted(40, job)
        }

        @Test(
            .timeLimit(.minutes(8)),
            arguments: [("kill-node", "n2", "start-node"), ("cut-node", "n3", "heal-node")]
        )
        func aLostNodeCostsWhatWasInFlight(loss: String, node: String, recovery: String) throws {
            // Longer than it takes mpirun to notice.
            try write(marks(210))
            let options = "--partition=wide --nodes=3 --ntasks-per-node=2 --time=10"
            let jobs = try Self.launchers.map {
                try cluster.submit("furrow-preemptible", options, "sweep.yaml", launcher: $0)
            }
            for job in jobs { try cluster.reach(8, in: cluster.directory(of: job)) }
            try SlurmCluster.control(loss, node)
            for (job, launcher) in zip(jobs, Self.launchers) {
                #expect(
                    try cluster.end(of: job, within: 200) == "COMPLETED 0:0",
                    "\(cluster.log(job))"
                )
                // SLURM may still hold the step of mpirun's daemons when the ranks start again: then
                // the job comes back.
                let restarts = try cluster.field("Restarts", of: job)
                #expect(restarts == "0" || launcher == "mpirun" && restarts == "1")
                try expectAllOnce(210, job)
                let log = cluster.log(job)
                let way =
                    launcher == "srun"
                    ? "the run goes on without it"
                    : "nodes were lost: going on with \(node == "n2" ? "n[1,3]" : "n[1-2]")"
                #expect(log.contains(way), "\(log)")
            }
            try SlurmCluster.control(recovery, node)
        }

        // MARK: Jobs of several kinds

        @Test(.timeLimit(.minutes(4)))
        func aTaskOfAnArrayRunsItsPart() throws {
            try write(marks(5, seconds: 0.1))
            let array = try cluster.submit(
                "furrow",
                "--array=0-1 --nodes=1 --ntasks-per-node=2",
                "sweep.yaml",
                "--shard",
                "slurm"
            )
            var ran: [Int] = []
            for task in 0...1 {
                let job = "\(array)_\(task)"
                #expect(try cluster.end(of: job) == "COMPLETED 0:0", "\(cluster.log(job))")
                let number = try cluster.field("JobId", of: job)
                let own = try cluster.successes(cluster.directory(of: number)).keys
                #expect(!own.isEmpty)
                ran += own
            }
            #expect(ran.sorted() == Array(1...5))
        }

        /// What a step says to its processes is not meant for a job that they submit.
        @Test(.timeLimit(.minutes(4)), arguments: ["furrow submit", "sbatch"])
        func aJobMaySubmitAnother(way: String) throws {
            try write(marks(4, seconds: 0.1))
            let script = SlurmCluster.sources.appendingPathComponent("slurm/furrow.sbatch").path
            let submission =
                way == "sbatch"
                ? "sbatch --parsable --nodes=2 --ntasks-per-node=2 '\(script)' sweep.yaml"
                : "furrow submit sweep.yaml --nodes 2 --workers-per-node 2 --time 00:05:00"
            let outer = try cluster.run([
                "sbatch", "--parsable", "--output=outer-%j.log", "--nodes=1", "--ntasks=1",
                "--cpus-per-task=1", "--mem-per-cpu=64", "--wrap",
                "srun --cpu-bind=cores -n1 sh -c \"\(submission)\"",
            ]).trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(try cluster.end(of: outer) == "COMPLETED 0:0", "\(cluster.log(outer))")
            let said = cluster.log(outer)
            let inner = String(try #require(said.firstMatch(of: /([0-9]+)\s*$|job ([0-9]+)/)).0)
                .filter(\.isNumber)
            #expect(try cluster.end(of: inner) == "COMPLETED 0:0", "\(cluster.log(inner))")
            let status = try cluster.run("furrow", "status")
            #expect(status.contains("4 done") && status.contains("on 2 hosts"), "\(status)")
        }

        // MARK: furrow submit

        @Test(.timeLimit(.minutes(3)))
        func aSubmittedSweepRuns() throws {
            try write(Self.digits)
            let said = try cluster.run(
                "furrow",
                "submit",
                "sweep.yaml",
                "--nodes",
                "2",
                "--gpus-per-node",
                "1",
                "--time",
                "00:05:00",
                "--sbatch-arg",
                "--hold",
                "--",
                "--on-failure",
                "continue"
            )
            let job = String(try #require(said.firstMatch(of: /SLURM job ([0-9]+)/)).1)
            let status = try cluster.run("furrow", "status")
            #expect(status.contains("submitted"))
            #expect(status.contains("SLURM job \(job): PENDING (JobHeldUser)"), "\(status)")
            // What was submitted is what runs, whatever becomes of the file.
            try write("{name: other, command: 'exit 1'}")
            try cluster.run("scontrol", "release", job)
            #expect(try cluster.end(of: job) == "COMPLETED 0:0")
            let ended = try cluster.run("furrow", "status", "digits")
            #expect(ended.contains("digits/latest: succeeded") || ended.contains(": succeeded"))
            #expect(ended.contains("SLURM job \(job): COMPLETED"), "\(ended)")
            #expect(ended.contains("3 ranks on 2 hosts"))
            #expect(try cluster.results("runs/digits/latest", "category,auroc").count == 4)
            let json = try cluster.run("furrow", "status", "digits", "--json")
            #expect(json.contains("\"slurm_state\" : \"COMPLETED\""), "\(json)")
            let script = "\(cluster.sweep.url.path)/runs/digits/latest/job.sbatch"
            let text = try String(contentsOfFile: script, encoding: .utf8)
            #expect(text.contains("set -- --on-failure continue"))
            // The script by itself goes on with the run, which is done.
            let again = String(
                try cluster.run("sbatch", "--parsable", script).prefix { $0.isNumber }
            )
            try cluster.run("scontrol", "release", again)
            #expect(try cluster.end(of: again) == "COMPLETED 0:0")
            #expect(try cluster.successes("runs/digits/latest").values.allSatisfy { $0 == 1 })
        }

        @Test(.timeLimit(.minutes(3)))
        func whatSlurmRefusesLeavesNothing() throws {
            try write(Self.digits)
            let run = try Execution.run(
                SlurmCluster.environment + [
                    "furrow", "submit", "sweep.yaml", "--gpus-per-node", "99",
                ],
                in: cluster.sweep.url
            )
            #expect(run.status == 64)
            #expect(run.errors.contains("not submitted"), "\(run.errors)")
            #expect(run.errors.contains("Requested node configuration is not available"))
            #expect(!FileManager.default.fileExists(atPath: "\(cluster.sweep.url.path)/runs"))
        }
    }
}
