import Foundation
import TestSupport
import Testing

extension ClusterTests {
    /// Ranks and nodes that are lost.
    @Suite(.needsClusters, .slurmCluster) struct SlurmLosses {
        private let cluster: SlurmCluster

        init() throws { cluster = try SlurmCluster() }

        /// A command kills its own rank, once, on another node than rank 0's.
        @Test(.timeLimit(.minutes(3)), arguments: SlurmCluster.launchers)
        func aKilledRankIsAWorkerLess(launcher: String) throws {
            try cluster.write(
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

        @Test(
            .timeLimit(.minutes(8)),
            arguments: [("kill-node", "n2", "start-node"), ("cut-node", "n3", "heal-node")]
        )
        func aLostNodeCostsWhatWasInFlight(loss: String, node: String, recovery: String) throws {
            // Longer than it takes mpirun to notice.
            try cluster.write(SlurmCluster.marks(210))
            let options = "--partition=wide --nodes=3 --ntasks-per-node=2 --time=10"
            let startsFail = loss == "kill-node"
            if startsFail { try writeFailingMPIRun() }
            let jobs = try SlurmCluster.launchers.map {
                try cluster.submit(
                    "furrow-preemptible",
                    options,
                    "sweep.yaml",
                    launcher: $0,
                    programs: startsFail ? "programs" : nil
                )
            }
            for job in jobs { try cluster.reach(8, in: cluster.directory(of: job)) }
            try SlurmCluster.control(loss, node)
            for (job, launcher) in zip(jobs, SlurmCluster.launchers) {
                #expect(
                    try cluster.end(of: job, within: 200) == "COMPLETED 0:0",
                    "\(cluster.log(job))"
                )
                // Not by a requeue, which would wait for the lost node.
                #expect(try cluster.field("Restarts", of: job) == "0", "\(cluster.log(job))")
                try cluster.expectAllOnce(210, job)
                let log = cluster.log(job)
                let way =
                    launcher == "srun"
                    ? "the run goes on without it"
                    : "nodes were lost: going on with \(node == "n2" ? "n[1,3]" : "n[1-2]")"
                #expect(log.contains(way), "\(log)")
                if startsFail && launcher == "mpirun" {
                    #expect(log.contains("starting them again"), "\(log)")
                }
            }
            try SlurmCluster.control(recovery, node)
        }

        /// An mpirun whose second start in a job fails before a rank has begun.
        private func writeFailingMPIRun() throws {
            try cluster.run("mkdir", "programs")
            try cluster.write(
                """
                #!/bin/sh
                echo >>"starts-$SLURM_JOB_ID"
                test "$(wc -l <"starts-$SLURM_JOB_ID")" = 2 && exit 1
                PATH=${PATH#*:}
                exec mpirun "$@"
                """,
                to: "programs/mpirun"
            )
            try cluster.run("chmod", "+x", "programs/mpirun")
        }
    }
}
