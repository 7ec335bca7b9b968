import Foundation
import TestSupport
import Testing

@testable import FurrowCommands

@Suite struct BatchScriptTests {
    private func script(
        _ request: BatchScript.Request = BatchScript.Request(),
        directory: String = "/home/me/runs/digits/T",
        arguments: [String] = []
    ) -> [String] {
        BatchScript(
            request,
            name: "digits",
            directory: directory,
            arguments: arguments,
            programs: "/opt/furrow/bin"
        ).text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    }

    private func options(_ lines: [String]) -> [String] {
        lines.filter { $0.hasPrefix("#SBATCH ") }.map { String($0.dropFirst(8)) }
    }

    @Test func whatIsAskedForReplacesTheDefaults() {
        var request = BatchScript.Request()
        request.nodes = 2
        request.workersPerNode = 16
        request.cpusPerWorker = 4
        request.time = "02:00:00"
        request.partition = "long"
        request.account = "lab"
        request.qos = "high"
        request.memory = "64G"
        request.others = ["--exclude=n7", "--constraint=a b"]
        #expect(script(request).contains("FURROW_WORKERS_PER_NODE=16"))
        let found = options(script(request))
        #expect(
            Set(found) == [
                "--open-mode=append", "--job-name=digits",
                "--output=/home/me/runs/digits/T/slurm-%j.log", "--nodes=2", "--ntasks-per-node=16",
                "--cpus-per-task=4", "--time=02:00:00", "--partition=long", "--account=lab",
                "--qos=high", "--mem=64G", "--exclude=n7", "'--constraint=a b'",
            ]
        )
        #expect(found.count == Set(found).count)
    }

    @Test func aTimeIsGivenAsEitherSideWritesIt() {
        let times = [
            "90": "90", "90:00": "90:00", "02:00:00": "02:00:00", "1-12": "1-12",
            "1-12:00:00": "1-12:00:00", "UNLIMITED": "UNLIMITED", "2h": "02:00:00",
            "90m": "01:30:00",
            "1.5s": "00:00:02", "200h": "200:00:00",
        ]
        for (given, meant) in times { #expect(SlurmTimeLimit(given)?.text == meant) }
        for wrong in ["", "2 hours", "-1", "1:2:3:4", "2d", "soon", "1e9h", "2.5"] {
            #expect(SlurmTimeLimit(wrong) == nil, "\(wrong)")
        }
    }

    @Test func aWorkerForEachGPU() {
        var request = BatchScript.Request()
        request.gpusPerNode = 4
        request.cpusPerWorker = 8
        let plain = options(script(request))
        #expect(plain.contains("--gpus-per-node=4") && plain.contains("--cpus-per-gpu=8"))
        #expect(!script(request).contains { $0.hasPrefix("FURROW_WORKERS_PER_NODE=") })
        var pairs = request
        pairs.gpusPerWorker = 2
        #expect(options(script(pairs)).contains("--cpus-per-gpu=4"))
        #expect(script(pairs).contains("FURROW_WORKERS_PER_NODE=2"))
        request.isPreemptible = true
        let preemptible = script(request)
        #expect(options(preemptible).contains("--requeue"))
        #expect(options(preemptible).contains("--signal=B:USR1@60"))
        // Eight tasks would ask for eight cores.
        #expect(!options(preemptible).contains { $0.hasPrefix("--ntasks-per-node") })
        #expect(preemptible.contains { $0.contains("scontrol requeue") })
    }

    @Test func aRunMayGoOnWithoutANode() {
        var request = BatchScript.Request()
        #expect(!options(script(request)).contains("--no-kill"))
        request.survivesNodes = true
        for isPreemptible in [false, true] {
            request.isPreemptible = isPreemptible
            let lines = script(request)
            #expect(options(lines).count { $0 == "--no-kill" } == 1)
            #expect(lines.contains("FURROW_LAUNCHER=srun"))
            #expect(lines.contains { $0.contains("--kill-on-bad-exit=0 --no-kill --wait=0") })
        }
    }

    @Test func everyTemplateIsAScriptOfTheProject() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("slurm")
        var request = BatchScript.Request()
        for (name, gpus, isPreemptible) in [
            ("furrow", nil, false), ("furrow-gpu", 1, false), ("furrow-preemptible", nil, true),
        ] as [(String, Int?, Bool)] {
            request.gpusPerNode = gpus
            request.isPreemptible = isPreemptible
            let path = folder.appendingPathComponent("\(name).sbatch")
            let template = try String(contentsOf: path, encoding: .utf8)
            let own = script(request)
            for line in template.split(separator: "\n") where !line.hasPrefix("#SBATCH") {
                #expect(own.contains(String(line)), "\(name): \(line)")
            }
        }
    }

    /// The script's own lines mean to a shell what was meant.
    @Test func namesMayHoldAnything() throws {
        let directory = "/tmp/it's 100% \"mine\" $HOME"
        let arguments = ["--joblog", "a b'c$(id)"]
        let lines = script(directory: directory, arguments: arguments)
        #expect(options(lines).contains { $0.contains("100%% ") && $0.hasSuffix("/slurm-%j.log'") })
        let own = lines.filter { $0.hasPrefix("FURROW_RESUME=") || $0.hasPrefix("set -- ") }
        let show = #"printf '%s\n' "$FURROW_RESUME" "$@""#
        let output = try Execution.run(["sh", "-c", (own + [show]).joined(separator: "\n")]).output
        #expect(output == ([directory] + arguments).joined(separator: "\n") + "\n")
    }
}
