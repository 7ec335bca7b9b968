import Foundation
import Furrow

/// A program that users might use instead, and commands that make it do the same.
struct Peer {
    let name: String
    /// Exits with 0 if the peer is installed.
    let probe: [String]
    /// All of them are run; the best rate counts.
    let commands: [[String]]
    /// The number of jobs of one command, if it does not print its rate itself.
    var jobs: Int?

    var isInstalled: Bool {
        get async { (try? await ExternalProgram.output(of: probe, limit: .seconds(30))) != nil }
    }

    /// Jobs per second.
    func rate() async throws -> Double {
        var best = 0.0
        for command in commands {
            let start = ContinuousClock.now
            let output = try await ExternalProgram.output(of: command, limit: .seconds(300))
            if let jobs {
                best = max(best, Double(jobs) / (ContinuousClock.now - start).seconds)
                continue
            }
            guard let match = output.firstMatch(of: /([0-9.]+) (?:jobs|commands)\/s/),
                let rate = Double(match.1)
            else { throw WrongResult(description: "\(name) printed no rate: \(output)") }
            best = max(best, rate)
        }
        return best
    }
}

/// The peers, with their numbers of jobs.
struct Peers {
    /// The folder of their scripts.
    let folder: String
    /// The Python that has their packages.
    let python: String
    let isSmall: Bool

    /// Jobs of four fields, one at a time.
    var mpi4py: Peer { futures("mpi4py.futures, default", jobs: isSmall ? 200 : 20_000, [1]) }

    /// The same, with the chunk size that does best here.
    var mpi4pyTuned: Peer {
        futures("mpi4py.futures, best chunk", jobs: isSmall ? 2000 : 200_000, [100, 1000, 5000])
    }

    private func futures(_ name: String, jobs: Int, _ chunks: [Int]) -> Peer {
        Peer(
            name: name,
            probe: [python, "-c", "import mpi4py"],
            commands: chunks.map { chunk in
                [
                    "mpirun", "-q", "-n", "3", python, "\(folder)/mpi4py_futures.py", "\(jobs)",
                    "\(chunk)",
                ]
            }
        )
    }

    /// Furrow without processes for jobs.
    func unprotected(_ arguments: [String]) throws -> Peer {
        Peer(
            name: "Furrow, --isolation none",
            probe: ["true"],
            commands: [
                ["mpirun", "-q", "-n", "3", try ThisProgram.path] + arguments
                    + ["--isolation", "none"]
            ]
        )
    }

    var anomalib: Peer {
        Peer(
            name: "anomalib's loop",
            probe: [python, "--version"],
            commands: [[python, "\(folder)/anomalib_pool.py", isSmall ? "50" : "500", "2"]]
        )
    }

    var xargs: Peer { shell("xargs -P2", isSmall ? 200 : 4000, "xargs -P2 -n1 /bin/true") }

    var parallel: Peer {
        shell(
            "GNU parallel -j2",
            isSmall ? 50 : 1000,
            "parallel -j2 --joblog /dev/null /bin/true {}"
        )
    }

    private func shell(_ name: String, _ jobs: Int, _ command: String) -> Peer {
        let program = command.prefix { $0 != " " }
        return Peer(
            name: name,
            probe: ["sh", "-c", "\(program) --version | grep -q GNU"],
            commands: [["sh", "-c", "seq \(jobs) | \(command)"]],
            jobs: jobs
        )
    }

    var hyperQueue: Peer {
        Peer(
            name: "HyperQueue",
            probe: [python, "-c", "import hyperqueue"],
            commands: [[python, "\(folder)/hyperqueue_true.py", isSmall ? "100" : "2000", "2"]]
        )
    }
}
