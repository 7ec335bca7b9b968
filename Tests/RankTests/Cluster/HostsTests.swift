import Foundation
import TestSupport
import Testing

@testable import Furrow

/// The hosts of `Tests/Cluster/mpi-hosts.sh`: three, each with a network of its own, without SLURM.
struct MPIHosts {
    static let state = "/tmp/furrow-hosts-\(getuid())-\(ClusterNumber.own)"
    private static let own = ["MPIHOSTS_DIR=\(state)", "MPIHOSTS_ID=\(ClusterNumber.own)"]

    @discardableResult
    static func control(_ arguments: String...) throws -> String {
        try SlurmCluster.runScript("mpi-hosts.sh", arguments, own)
    }

    /// What mpirun needs to find the hosts.
    private static func environment() throws -> [String] {
        try control("env").split(separator: "\n").map { line in
            String(line.replacing("export ", with: "").replacing("'", with: ""))
        }
    }

    /// Runs a program on hosts, as `h1:2,h2:1`.
    static func run(
        _ hosts: String,
        _ program: String,
        _ arguments: [String],
        mpirun options: [String] = [],
        variables: [String] = [],
        in folder: URL? = nil,
        limit: Double = Execution.patience
    ) throws -> String {
        let ranks = hosts.split(separator: ",").compactMap { Int($0.split(separator: ":")[1]) }
        let command = ["mpirun", "-q", "--host", hosts, "-n", "\(ranks.reduce(0, +))"] + options
        let path = MPIRun.programs.appendingPathComponent(program).path
        let place = folder.map { ["-C", $0.path] } ?? []
        return try Subprocess.run(
            place + (try environment()) + variables + command + [path] + arguments,
            limit: limit
        ).output
    }
}

extension ClusterTests {
    /// Over TCP, between hosts.
    @Suite(.needsClusters, .mpiHosts) struct Hosts {
        @Test(.timeLimit(.minutes(3)), arguments: RankTests.Schedules.schedules)
        func everyScheduleEqualsTheSerialResult(schedule: String) throws {
            let expected = RankTests.Schedules.content(
                try RankTests.Schedules.serial.get().lines[0]
            )
            for hosts in ["h1:1,h2:1", "h1:2,h2:2,h3:1"] {
                let arguments = ["square", "--schedule", schedule, "--count", "250"]
                let output = try MPIHosts.run(hosts, "Scenarios", arguments)
                let lines = output.split(whereSeparator: \.isNewline).map { String($0) }.sorted()
                #expect(
                    RankTests.Schedules.content(try #require(lines.first)) == expected,
                    "\(hosts)"
                )
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func devicesAreCountedOnEachHost() throws {
            let sweep = try SweepScratch()
            let run = try MPIHosts.run(
                "h1:3,h2:2,h3:1",
                "furrow",
                ["devices"],
                mpirun: ["-x", "CUDA_VISIBLE_DEVICES=4,7"],
                in: sweep.url
            )
            let rows = run.split(separator: "\n").map { $0.split(separator: " ") }
            let devices = rows.dropFirst().prefix(6).map { row in
                row.count > 4 && row[0] != "0" ? "\(row[1]) \(row[2]) \(row[4])" : ""
            }
            #expect(
                devices == [
                    "", "h1 0 CUDA_VISIBLE_DEVICES=4", "h1 1 CUDA_VISIBLE_DEVICES=7",
                    "h2 2 CUDA_VISIBLE_DEVICES=4", "h2 3 CUDA_VISIBLE_DEVICES=7",
                    "h3 4 CUDA_VISIBLE_DEVICES=4",
                ],
                "\(run)"
            )
            let warnings = run.split(separator: "\n").filter { $0.hasPrefix("Warning") }
            #expect(
                warnings == ["Warning: no worker uses device 7 of h3: start more ranks there"]
            )
        }

        /// What was exported before mpirun, which gives far ranks none of it.
        @Test(.timeLimit(.minutes(2)))
        func commandsHaveTheEnvironmentAndTheFolderOfRank0() throws {
            let sweep = try SweepScratch()
            try sweep.scratch.write("here\n", to: "file")
            _ = try MPIHosts.run(
                "h1:1,h2:1,h3:1",
                "furrow",
                [
                    "run", "--name", "e", "--param", "n=1..4", "--", "sh", "-c",
                    "echo $PROBE $(cat file)",
                ],
                variables: ["PROBE=of the user"],
                in: sweep.url
            )
            for job in 1...4 {
                #expect(try sweep.says("logs", "\(job)") == "of the user here\n")
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func aRunsDirectoryOfItsOwnIsFound() throws {
            let sweep = try SweepScratch()
            let runs = sweep.url.appendingPathComponent("runs").path
            try FileManager.default.createDirectory(
                atPath: runs,
                withIntermediateDirectories: true
            )
            func devices() throws -> String {
                try MPIHosts.run("h1:2,h2:1,h3:2", "furrow", ["devices"], in: sweep.url)
            }
            #expect(!(try devices()).contains("is not the same as on"))
            try MPIHosts.control("exec", "h2", "mount", "-t", "tmpfs", "tmpfs", runs)
            let said = try devices()
            #expect(said.contains("Warning: \(runs) on h2 is not the same as on h1"), "\(said)")
            try MPIHosts.control("exec", "h2", "umount", runs)
            #expect(try FileManager.default.contentsOfDirectory(atPath: runs).isEmpty)
        }

        /// One command kills its own rank, once.
        @Test(.timeLimit(.minutes(3)))
        func aRankThatIsKilledOnAnotherHostIsAWorkerLess() throws {
            let sweep = try SweepScratch()
            let script = """
                test {n} != 7 || ! mkdir "$FURROW_RUN_DIR/once" 2>&- ||
                    { kill -9 $(ps -o ppid= -p $PPID); sleep 60; }
                sleep 0.1
                """
            _ = try MPIHosts.run(
                "h1:1,h2:2,h3:1",
                "furrow",
                [
                    "run", "--name", "less", "--param", "n=1..30", "--on-loss", "continue", "--",
                    "sh", "-c", script,
                ],
                in: sweep.url
            )
            let rows = try sweep.results()
            #expect(rows.count == 30 && rows.allSatisfy { $0["state"] == "succeeded" })
            #expect(sweep.scratch.has("runs/less/latest/once"))
        }

        @Test(.timeLimit(.minutes(3)), arguments: ["kill", "cut"])
        func aLostHostEndsTheRunAndCostsWhatWasInFlight(loss: String) throws {
            let sweep = try SweepScratch()
            try sweep.scratch.write(
                """
                name: marks
                command: "sleep 1 # {n}"
                parameters: {n: {range: {start: 0, stop: 30}}}
                """,
                to: "sweep.yaml"
            )
            // What the batch scripts say too, with less patience.
            let keepalive = [("time", "2"), ("intvl", "1"), ("probes", "3")].flatMap {
                ["--mca", "oob_tcp_keepalive_\($0)", $1]
            }
            // On a thread of its own: as many tests as the machine has cores may block the tasks'.
            Thread.detachNewThread {
                do {
                    try wait(every: 0.3) { try succeeded(sweep).count >= 6 }
                    try MPIHosts.control(loss, "h2")
                } catch {
                    Issue.record("\(error)")
                }
            }
            let start = ContinuousClock.now
            #expect(throws: Subprocess.Failure.self) {
                try MPIHosts.run(
                    "h1:2,h2:2",
                    "furrow",
                    ["run", "sweep.yaml", "--run-dir", "run"],
                    mpirun: keepalive,
                    in: sweep.url,
                    limit: 90
                )
            }
            #expect(ContinuousClock.now - start < .seconds(80), "the run hung")
            try MPIHosts.control(loss == "kill" ? "start" : "heal", "h2")
            let before = try succeeded(sweep)
            #expect(before.count >= 6)
            _ = try MPIHosts.run(
                "h1:2,h3:2",
                "furrow",
                ["run", "--run-dir", "run", "--resume"],
                in: sweep.url
            )
            let after = try succeeded(sweep)
            #expect(after.keys.sorted() == Array(1...30))
            #expect(after.allSatisfy { $0.value == 1 }, "a job ran again after it had succeeded")
        }
    }
}

/// How often each job of the run `run` succeeded.
private func succeeded(_ sweep: SweepScratch) throws -> [Int: Int] {
    guard FileManager.default.fileExists(atPath: sweep.url.path + "/run/journal") else {
        return [:]
    }
    return try sweep.journal("run").filter { $0.state == "succeeded" }
        .reduce(into: [:]) { $0[$1.job, default: 0] += 1 }
}
