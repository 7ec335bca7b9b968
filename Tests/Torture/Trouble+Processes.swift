import Foundation
import FurrowSystem
import TestSupport

extension Trouble {
    /// Processes are killed: the launcher, ranks, supervisors, commands; or all at once.
    static let kills = Trouble("kills") { trial in
        for _ in 0..<Int.random(in: 1...3, using: &trial.random) {
            if Int.random(in: 0..<5, using: &trial.random) == 0 {
                try trial.killed()
                continue
            }
            let victims = Int.random(in: 1...3, using: &trial.random)
            try trial.start(ranks: trial.ranks) { _ in
                for _ in 0..<victims { try trial.signal(SIGKILL) }
            }
        }
    }

    /// Ranks are killed while the others go on without them.
    static let deaths = Trouble("deaths") { trial in
        let victims = Int.random(in: 1...2, using: &trial.random)
        let options = ["--on-loss", "continue"]
        try trial.start(ranks: (trial.ranks ?? 2) + 1, options) { process in
            // A rank that is killed while it starts MPI ends all, and mpirun may hang at its end.
            while process.isRunning, try trial.sweep.begun().isEmpty { usleep(1000) }
            for _ in 0..<victims { try trial.signal(SIGKILL, to: ["furrow"]) }
        }
    }

    /// Processes are stopped for a while; the run goes on when they do.
    static let stops = Trouble("stops") { trial in
        try trial.start([0], ranks: trial.ranks) { _ in
            for _ in 0..<3 {
                guard let victim = try trial.signal(SIGSTOP) else { continue }
                usleep(UInt32.random(in: 1000...700_000, using: &trial.random))
                kill(victim.process, SIGCONT)
            }
        }
    }

    /// A run is asked to end.
    static let signals = Trouble("signals") { trial in
        let signal = [SIGINT, SIGTERM, SIGUSR1].randomElement(using: &trial.random) ?? SIGTERM
        try trial.start(ranks: trial.ranks) { process in
            usleep(UInt32.random(in: 0...800_000, using: &trial.random))
            if Bool.random(using: &trial.random) {
                kill(process.processIdentifier, signal)
            } else {
                try trial.signal(signal, to: ["furrow"])
            }
        }
    }

    /// The clock of one rank, or of all, is set while the run goes on.
    static let clocks = Trouble("clocks") { trial in
        let seconds = [-86_400, -3600, -5, 5, 3600, 86_400].randomElement(using: &trial.random)
        let environment = trial.calls.jumping(
            by: seconds ?? 3600,
            on: [nil, 0, 1].randomElement(using: &trial.random) ?? nil,
            after: Int.random(in: 0..<100, using: &trial.random)
        )
        if Bool.random(using: &trial.random) { try trial.killed(environment: environment) }
        try trial.start([0], ranks: trial.ranks, environment: environment)
    }
}

extension Trial {
    /// Sends a signal to one process of the run, at some time.
    ///
    /// - Parameter names: what it may be called; anything, if `nil`.
    /// - Returns: the process; `nil` if there was none any more.
    @discardableResult
    func signal(_ signal: Int32, to names: Set<String>? = nil) throws -> StartedProcess? {
        usleep(UInt32.random(in: 0...400_000, using: &random))
        let found = try startedProcesses().filter { names?.contains($0.name) != false }
        // Each kind as often as the others: there are more commands than launchers.
        let kinds = Set(found.map(\.name)).sorted()
        let kind = kinds.randomElement(using: &random)
        guard let victim = found.filter({ $0.name == kind }).randomElement(using: &random) else {
            return nil
        }
        kill(victim.process, signal)
        return victim
    }
}
