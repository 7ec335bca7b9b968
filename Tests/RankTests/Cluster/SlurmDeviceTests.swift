import Foundation
import TestSupport
import Testing

extension ClusterTests {
    /// GPUs of SLURM, which are device files here.
    @Suite(.needsClusters, .slurmCluster) struct SlurmDevices {
        private let cluster: SlurmCluster

        init() throws { cluster = try SlurmCluster() }

        @Test(
            .timeLimit(.minutes(4)),
            arguments: [
                ("--nodes=2 --gpus-per-node=4", ["n1": [0, 1, 2, 3], "n2": [0, 1, 2, 3]]),
                ("--nodes=1 --gpus-per-node=3 --nodelist=n2", ["n2": [0, 1, 2]]),
                ("--nodes=2 --gres=gpu:2 --ntasks=5", ["n1": [0, 1], "n2": [0, 1]]),
                ("--nodes=2 --gpus=5", ["n1": [0, 1, 2, 3], "n2": [3]]),
            ] as [(String, [String: [Int]])],
            SlurmCluster.launchers
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
            try cluster.write(SlurmCluster.marks(3 * devices.count, seconds: 0.3))
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
            let marks = SlurmCluster.marks(8, seconds: 0.3)
                .replacing("$CUDA_VISIBLE_DEVICES", with: "$(echo $CUDA_VISIBLE_DEVICES | tr , +)")
            try cluster.write(marks)
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
            try cluster.write(SlurmCluster.marks(12, seconds: 0.2))
            try cluster.write(
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
    }
}
