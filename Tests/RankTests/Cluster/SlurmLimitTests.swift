import Foundation
import TestSupport
import Testing

extension ClusterTests {
    /// Jobs that are cancelled, warned, or short of time.
    @Suite(.needsClusters, .slurmCluster) struct SlurmLimits {
        private let cluster: SlurmCluster

        init() throws { cluster = try SlurmCluster() }

        /// The jobs of both launchers run side by side.
        @Test(.timeLimit(.minutes(4)))
        func aCancelledJobStaysCancelled() throws {
            try cluster.write(SlurmCluster.marks(30))
            let options = "--nodes=2 --ntasks-per-node=2"
            let jobs = try SlurmCluster.launchers.map {
                try cluster.submit("furrow-preemptible", options, "sweep.yaml", launcher: $0)
            }
            for job in jobs { try cluster.reach(8, in: cluster.directory(of: job)) }
            try cluster.run(["scancel"] + jobs)
            for job in jobs {
                #expect(try cluster.end(of: job).hasPrefix("CANCELLED"), "\(cluster.log(job))")
                #expect(try cluster.field("Restarts", of: job) == "0")
            }
            // Other jobs, on other nodes, go on with their runs.
            let next = try zip(jobs, SlurmCluster.launchers).map { job, launcher in
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
            for job in jobs { try cluster.expectAllOnce(30, job) }
        }

        @Test(.timeLimit(.minutes(5)))
        func aRunEndsBeforeItsTimeLimit() throws {
            // Not as long as just below what the dispatcher rounds up to.
            try cluster.write(SlurmCluster.marks(230, seconds: 1.05))
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
            try cluster.expectAllOnce(230, job)
        }

        /// The jobs of both launchers run side by side.
        @Test(.timeLimit(.minutes(6)))
        func aWarnedJobDrainsAndComesBack() throws {
            try cluster.write(SlurmCluster.marks(120))
            // SLURM looks every 30 seconds whom to warn before the next look: the warning comes when
            // between 20 and 50 of 180 seconds are over, and of 60 that the jobs take.
            let options = "--nodes=2 --ntasks-per-node=1 --time=3 --signal=B:USR1@130"
            let jobs = try SlurmCluster.launchers.map {
                try cluster.submit("furrow-preemptible", options, "sweep.yaml", launcher: $0)
            }
            for job in jobs {
                #expect(
                    try cluster.end(of: job, within: 220) == "COMPLETED 0:0",
                    "\(cluster.log(job))"
                )
                #expect(try cluster.field("Restarts", of: job) != "0")
                #expect(cluster.log(job).contains("by SIGUSR1"))
                try cluster.expectAllOnce(120, job)
                let states = try cluster.sweep.journal(cluster.directory(of: job)).map(\.state)
                #expect(states.allSatisfy { $0 == "succeeded" }, "what ran had time to end")
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func aPassWithoutProgressIsTheLast() throws {
            try cluster.write(SlurmCluster.marks(3, seconds: 30))
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
            try cluster.write(SlurmCluster.marks(20))
            let job = try cluster.submit("furrow-preemptible", "--ntasks-per-node=2", "sweep.yaml")
            // The script counts the ranks it will start.
            let ranks = "\(cluster.sweep.url.path)/\(cluster.directory(of: job))/ranks"
            try wait(every: 0.01) { FileManager.default.fileExists(atPath: ranks) }
            try cluster.run("scancel", "--batch", "--signal=USR1", job)
            try wait(every: 0.3) { cluster.log(job).contains("by SIGUSR1") }
            try cluster.run("scancel", job)
        }
    }
}
