import Foundation
import TestSupport
import Testing

extension ClusterTests {
    /// Arrays, jobs that submit jobs, and `furrow submit`.
    @Suite(.needsClusters, .slurmCluster) struct SlurmSubmissions {
        private let cluster: SlurmCluster

        init() throws { cluster = try SlurmCluster() }

        @Test(.timeLimit(.minutes(4)))
        func aTaskOfAnArrayRunsItsPart() throws {
            try cluster.write(SlurmCluster.marks(5, seconds: 0.1))
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
            try cluster.write(SlurmCluster.marks(4, seconds: 0.1))
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

        @Test(.timeLimit(.minutes(3)))
        func aSubmittedSweepRuns() throws {
            try cluster.write(SlurmCluster.digits)
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
            try cluster.write("{name: other, command: 'exit 1'}")
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
            try cluster.write(SlurmCluster.digits)
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
