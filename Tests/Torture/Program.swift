import ArgumentParser
import Foundation
import TestSupport

/// Runs sweeps under trouble, and says what held.
@main
struct Program: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "furrow-torture",
        abstract: "Run sweeps under all kinds of trouble, and see that nothing is lost.",
        discussion: """
            Every round starts a sweep of random values under one kind of trouble, resumes it \
            without, and checks: every job is in results.csv and joblog.tsv once, no success that \
            was recorded ran again, 'logs' shows each job's own output, no process is left behind, \
            nothing hangs or traps. Kinds take turns. Exits with 1 if something did not hold.

            Kinds: \(Trouble.all.map(\.name).joined(separator: ", ")).
            """
    )

    @Option(help: "How many rounds to run; default: until --seconds are over, or 100.")
    var rounds: Int?

    @Option(help: "After how many seconds no further round begins.")
    var seconds: Double?

    @Option(help: "The seed of the first round; that of each round is one more than the last.")
    var seed: UInt64 = 1

    @Option(help: "The number of ranks; one round in six uses one process without mpirun.")
    var ranks = 3

    @Option(help: "What starts the ranks, where it is installed: 'Open MPI', 'Open MPI 5', MPICH.")
    var launcher = Launcher.standard.description

    @Option(help: "The only kinds, separated by commas.")
    var only: String?

    @Flag(
        help: ArgumentHelp(
            "In place of random trouble: let each call for a file and each call of MPI that a run "
                + "makes fail, one in each round, before its work and after it, on each rank. A "
                + "round's seed is the number of its call."
        )
    )
    var everyCall = false

    @Option(help: "The only names of calls that --every-call lets fail, separated by commas.")
    var calls: String?

    func validate() throws {
        guard ranks >= 2 else { throw ValidationError("--ranks must be at least 2") }
        guard named != nil else {
            let names = Launcher.all.map { "'\($0)'" }.joined(separator: ", ")
            throw ValidationError("--launcher must be one that is here: \(names)")
        }
        _ = try kinds()
    }

    func run() throws {
        if everyCall { return try runEveryCall() }
        var kinds: [Trouble] = []
        for kind in try self.kinds() {
            if let obstacle = kind.obstacle() {
                say("\(kind.name): left out: \(obstacle)")
            } else {
                kinds.append(kind)
            }
        }
        guard !kinds.isEmpty else { throw ExitCode.failure }
        let setting = try self.setting
        let start = ContinuousClock.now
        let most = rounds ?? (seconds == nil ? 100 : .max)
        var tallies = [Tally](repeating: Tally(), count: kinds.count)
        var round = 0
        while round < most, seconds.map({ ContinuousClock.now - start < .seconds($0) }) ?? true {
            let kind = round % kinds.count
            let own = seed + UInt64(round)
            if let problem = tallies[kind].count(own, { try kinds[kind].run(own, setting) }) {
                say("\(kinds[kind].name), seed \(own): \(problem)")
            }
            round += 1
        }
        let time = Int((ContinuousClock.now - start) / .seconds(1))
        say("\(round) rounds in \(time) s")
        for (kind, tally) in zip(kinds, tallies) { say("\(kind.name): \(tally)") }
        if tallies.contains(where: { !$0.seeds.isEmpty }) {
            say("To see one again: furrow-torture --rounds 1 --only KIND --seed SEED")
            throw ExitCode.failure
        }
    }

    /// At once: a torture may take hours.
    func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    private var named: Launcher? { Launcher.all.first { $0.description == launcher } }

    var setting: TrialSetting {
        get throws {
            TrialSetting(ranks: ranks, launcher: named ?? .standard, calls: try FaultyCalls())
        }
    }

    private func kinds() throws -> [Trouble] {
        guard let only else { return Trouble.all }
        return try only.split(separator: ",").map { name in
            guard let kind = Trouble.all.first(where: { $0.name == name }) else {
                throw ValidationError(
                    "--only must be of \(Trouble.all.map(\.name).joined(separator: ", "))"
                )
            }
            return kind
        }
    }
}

/// What came of the rounds of one kind.
struct Tally: CustomStringConvertible {
    var tried = 0
    /// The seeds of those that did not hold.
    var seeds: [UInt64] = []
    /// The seeds of those in which mpirun hung, which says nothing of Furrow.
    var hangs: [UInt64] = []

    /// Counts a round.
    ///
    /// - Returns: what went wrong.
    mutating func count(_ seed: UInt64, _ round: () throws -> Void) -> (any Error)? {
        tried += 1
        do {
            try round()
            return nil
        } catch let hang as LauncherHang {
            hangs.append(seed)
            return hang
        } catch {
            seeds.append(seed)
            return error
        }
    }

    var description: String {
        func list(_ seeds: [UInt64]) -> String { seeds.map { "\($0)" }.joined(separator: ", ") }
        return "\(tried) tried, \(tried - seeds.count - hangs.count) held"
            + (hangs.isEmpty ? "" : "; mpirun hung with the seeds \(list(hangs))")
            + (seeds.isEmpty ? "" : "; not with the seeds \(list(seeds))")
    }
}
