import ArgumentParser
import Foundation
import Furrow

/// `furrow-bench compare`: what `make bench` runs.
struct Compare: AsyncParsableCommand, LocalCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare every case to its peers, in turn: medians, spreads, ratios and goals.",
        discussion: "Runs mpirun itself: start it without mpirun."
    )

    @Option(help: "The number of rounds.")
    var rounds = 5

    @Option(help: "The folder of the peers' scripts.")
    var peers = "Sources/FurrowBench/Peers"

    @Option(help: "The Python that has the peers' packages.")
    var python = "python3"

    @Flag(help: "Run only a few jobs of each, as a test; the figures mean nothing.")
    var small = false

    @Option(help: ArgumentHelp("Also write the rows as JSON to this file.", valueName: "file"))
    var json: String?

    /// A peer, and the ratio that Furrow should reach.
    private typealias Rival = (peer: Peer, goal: Double?)

    func run() async throws {
        let all = Peers(folder: peers, python: python, isSmall: small)
        let typed = ["typed", "--jobs", small ? "2000" : "1000000"]
        var rows = try await contest(
            "typed jobs/s",
            typed,
            against: [
                (all.mpi4py, 100), (all.mpi4pyTuned, 2), (all.anomalib, nil),
                (try all.unprotected(typed), 0.95),
            ]
        )
        let bitwise = ["bitwise", "--jobs", small ? "5000" : "4000000"]
        rows += try await contest(
            "bitwise jobs/s",
            bitwise,
            against: [(all.mpi4pyTuned, 10), (try all.unprotected(bitwise), 0.9)]
        )
        rows += try await contest(
            "commands/s",
            ["commands", "--jobs", small ? "100" : "4000"],
            against: [(all.xargs, 0.8), (all.hyperQueue, 2), (all.parallel, 4)]
        )
        let jobs = small ? "500" : "20000"
        rows.append(
            try await beside("round trip, µs", ["roundtrip", "--jobs", jobs], ranks: 2, atMost: 25)
        )
        rows.append(
            try await beside("message, µs", ["message", "--rounds", small ? "5" : "100"], ranks: 2)
        )
        rows += try await gather()
        let makespan = ["makespan"] + (small ? ["--jobs", "40", "--seeds", "1"] : [])
        rows.append(
            try await beside("makespan, × the bound", makespan, ranks: 5, times: 1, atMost: 1.05)
        )
        rows.append(
            try await beside(
                "idle rank 0, % of a core",
                ["idle", "--seconds", small ? "1" : "10"],
                times: 1,
                atMost: 2
            )
        )
        let memory = ["memory", "--jobs", small ? "10000" : "1000000"]
        rows.append(try await beside("rank 0 without results, MB", memory, times: 1, atMost: 100))
        rows.append(try await beside("rank 0 with results, MB", memory + ["--results"], times: 1))
        let start = try await ExternalProgram.output(
            of: [try ThisProgram.path, "start", "--json", "--rounds", small ? "1" : "10"],
            limit: .seconds(300)
        )
        let extra = try decode(start).figure
        rows.append(
            Row(figure: "start beyond MPI's, ms", furrow: [extra], peers: [], atMost: 50)
        )
        try show(rows)
    }

    /// The rows of a figure, one for each rival.
    private func contest(
        _ figure: String,
        _ arguments: [String],
        against rivals: [Rival]
    ) async throws -> [Row] {
        var present: [Rival] = []
        for rival in rivals {
            if await rival.peer.isInstalled {
                present.append(rival)
            } else {
                say("\(rival.peer.name) is not installed: left out")
            }
        }
        var furrow: [Double] = []
        var theirs = [[Double]](repeating: [], count: present.count)
        for round in 1...max(rounds, 1) {
            say("\(figure), round \(round)")
            furrow.append(try await measure(arguments, ranks: 3).figure)
            for (place, rival) in present.enumerated() {
                theirs[place].append(try await rival.peer.rate())
            }
        }
        guard !present.isEmpty else { return [Row(figure: figure, furrow: furrow, peers: [])] }
        return zip(present, theirs).map { rival, rates in
            Row(
                figure: figure,
                furrow: furrow,
                peer: rival.peer.name,
                peers: rates,
                atLeast: rival.goal
            )
        }
    }

    /// The row of a figure without a rival.
    private func beside(
        _ figure: String,
        _ arguments: [String],
        ranks: Int = 3,
        times: Int? = nil,
        atMost goal: Double? = nil
    ) async throws -> Row {
        say(figure)
        var figures: [Double] = []
        for _ in 0..<max(times ?? rounds, 1) {
            figures.append(try await measure(arguments, ranks: ranks).figure)
        }
        return Row(figure: figure, furrow: figures, peers: [], atMost: goal)
    }

    private func gather() async throws -> [Row] {
        say("gather, GB/s")
        let bytes = small ? "1000000" : "256000000"
        var runs: [Measurement] = []
        for _ in 0..<max(rounds, 1) {
            runs.append(try await measure(["gather", "--bytes", bytes], ranks: 3))
        }
        return [
            Row(
                figure: "gather, GB/s",
                furrow: runs.map(\.figure),
                peer: "MPI_Gatherv",
                peers: runs.compactMap { $0.details.first?.figure }
            )
        ]
    }

    private func measure(_ arguments: [String], ranks: Int) async throws -> Measurement {
        let mpirun = ["mpirun", "-q", "-n", "\(ranks)", try ThisProgram.path]
        return try decode(
            try await ExternalProgram.output(
                of: mpirun + arguments + ["--json"],
                limit: .seconds(600)
            )
        )
    }

    private func decode(_ output: String) throws -> Measurement {
        try JSONDecoder().decode(Measurement.self, from: Data(output.utf8))
    }

    private func show(_ rows: [Row]) throws {
        var table = TextTable(columns: Row.columns)
        for row in rows { table.append(row.cells) }
        print(
            "Medians and spreads of \(rounds) rounds, on \(machine):\n\n\(table.text)",
            terminator: ""
        )
        guard let json else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(rows).write(to: URL(fileURLWithPath: json))
    }

    private var machine: String {
        let date = Date().formatted(.iso8601.year().month().day())
        return "\(ProcessInfo.processInfo.activeProcessorCount) cores, \(date)"
    }

    private func say(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }
}
