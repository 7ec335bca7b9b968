import Foundation
import TestSupport
import Testing

extension ClusterTests {
    /// The batch scripts run what they are given.
    @Suite(.needsClusters, .slurmCluster) struct SlurmScripts {
        private let cluster: SlurmCluster

        init() throws { cluster = try SlurmCluster() }

        @Test(
            .timeLimit(.minutes(5)),
            arguments: [
                ("furrow", "--nodes=2 --ntasks-per-node=2"),
                ("furrow", "--nodes=1 --ntasks-per-node=1"),
                ("furrow-gpu", "--nodes=2 --gpus-per-node=2"),
                ("furrow-preemptible", "--nodes=2 --ntasks-per-node=1"),
                ("furrow-preemptible", "--nodes=1 --gpus-per-node=3"),
            ],
            SlurmCluster.launchers
        )
        func aScriptRunsTheDigits(script: (String, String), launcher: String) throws {
            try cluster.write(SlurmCluster.digits)
            let job = try cluster.submit(script.0, script.1, "sweep.yaml", launcher: launcher)
            #expect(try cluster.end(of: job) == "COMPLETED 0:0", "\(cluster.log(job))")
            let rows = try cluster.results(cluster.directory(of: job), SlurmCluster.digitsColumns)
            #expect(rows == (try SlurmCluster.serialDigits.get()))
            #expect(cluster.log(job).contains("digits: 4/4 jobs"))
        }

        @Test(.timeLimit(.minutes(5)), arguments: SlurmCluster.launchers)
        func aTypedApplicationRuns(launcher: String) throws {
            try cluster.write(
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
            let typed = try cluster.results(cluster.directory(of: job), SlurmCluster.digitsColumns)
            let swept = try SlurmCluster.serialDigits.get()
            #expect(typed.map { $0[0] } == swept.map { $0[0] })
            for (one, other) in zip(typed, swept) {
                let values = try (#require(Double(one[1])), #require(Double(other[1])))
                #expect(abs(values.0 - values.1) < 1e-6)
            }
        }

        /// A step in a job, whose cores the run's own step has.
        @Test(.timeLimit(.minutes(4)), arguments: SlurmCluster.launchers)
        func aCommandMayStartAStep(launcher: String) throws {
            try cluster.write(
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

        @Test(.timeLimit(.minutes(4)), arguments: SlurmCluster.launchers)
        func aFailedJobIsAFailedJobOfSlurm(launcher: String) throws {
            try cluster.write("{name: bad, command: 'exit 3'}")
            let job = try cluster.submit(
                "furrow",
                "--ntasks-per-node=2",
                "sweep.yaml",
                launcher: launcher
            )
            #expect(try cluster.end(of: job) == "FAILED 1:0", "\(cluster.log(job))")
            // A sweep that cannot be read is none that fails.
            try cluster.write("{name: bad, comand: 'exit 3'}")
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
            try cluster.expectAllOnce(6, job)
            let ranks = "\(cluster.sweep.url.path)/\(cluster.directory(of: job))/ranks"
            // Four workers of two cores, and rank 0.
            let lines = try String(contentsOfFile: ranks, encoding: .utf8).split(separator: "\n")
            #expect(lines == Array(repeating: "n1", count: 5))
        }

        @Test(.timeLimit(.minutes(3)))
        func whatCannotRunIsSaidAtOnce() throws {
            try cluster.write(SlurmCluster.marks(2))
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
            try cluster.write(SlurmCluster.marks(2))
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
            try cluster.write(SlurmCluster.marks(4, seconds: 0.1))
            for (options, ranks) in [("-n 5 --nodes=2", 6), ("-n 3", 4)] {
                let job = try cluster.submit(script, options, "sweep.yaml")
                #expect(try cluster.end(of: job) == "COMPLETED 0:0", "\(cluster.log(job))")
                let hosts = try cluster.sweep.scratch.text("\(cluster.directory(of: job))/ranks")
                #expect(hosts.split(separator: "\n").count == ranks, "\(hosts)")
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func commandsKnowTheirCores() throws {
            try cluster.write(
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
    }
}
