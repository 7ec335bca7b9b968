import Foundation
import TestSupport
import Testing

extension ClusterTests {
    /// Jobs that have to make room for others.
    @Suite(.needsClusters, .slurmCluster) struct SlurmPreemption {
        private let cluster: SlurmCluster

        init() throws { cluster = try SlurmCluster() }

        @Test(.timeLimit(.minutes(3)), arguments: SlurmCluster.launchers)
        func aPreemptionBeforeTheFirstSuccessIsNotTheEnd(launcher: String) throws {
            try cluster.write(SlurmCluster.marks(4, seconds: 8))
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
            try cluster.expectAllOnce(jobs, job)
        }

        @Test(
            .timeLimit(.minutes(5)),
            arguments: [("preempt", "mpirun"), ("grace", "mpirun"), ("grace", "srun")]
        )
        func aPreemptedJobComesBack(partition: String, launcher: String) throws {
            try cluster.write(SlurmCluster.marks(40))
            let job = try cluster.submit(
                "furrow-preemptible",
                "--partition=\(partition) --nodes=2 --ntasks-per-node=2",
                "sweep.yaml",
                launcher: launcher
            )
            try cluster.reach(8, in: cluster.directory(of: job))
            try expectPreempted(40, job)
        }
    }
}
