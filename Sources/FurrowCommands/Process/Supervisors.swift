import Furrow
import Synchronization

/// Runs commands, one after the other, through a supervisor, and starts another where that one
/// died.
final class Supervisors: Sendable {
    /// For how long what the system refuses for want of processes, memory or descriptors is tried
    /// again.
    static let patience = Duration.seconds(60)

    private struct State: Sendable {
        var current: Supervisor?
        var isClosed = false
    }

    private let place: String
    private let program: String
    private let scratch: NodeScratch
    private let bindsToCores: Bool
    private let patience: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - place: rank and host, for messages.
    ///   - program: see ``Supervisor/init(program:scratch:bindsToCores:)``.
    ///   - scratch: a folder that is removed at the end.
    ///   - bindsToCores: whether commands keep to the cores of this rank.
    ///   - patience: for how long what the system refuses is tried again.
    init(
        at place: String,
        program: String = "/proc/self/exe",
        scratch: NodeScratch,
        bindsToCores: Bool,
        patience: Duration = Supervisors.patience
    ) {
        self.place = place
        self.program = program
        self.scratch = scratch
        self.bindsToCores = bindsToCores
        self.patience = patience
        // It starts while the ranks do. The first command tries again, and says what is wrong.
        _ = try? current()
    }

    /// Runs a command to its end. One at a time; at cancellation of the task it is told to end.
    ///
    /// A command that could not be started for want of processes, memory or descriptors is tried
    /// again for a while. Where the supervisor dies, all that the command has started is killed,
    /// and the next command has another supervisor.
    ///
    /// - Throws: ``Furrow/RunFault`` where no supervisor can be started; `CancellationError` where
    ///   the task is cancelled before the command is started.
    func run(_ request: ProcessRequest) async throws -> ProcessOutcome {
        var retry = Shortage.Retry(for: patience)
        while true {
            let supervisor = try await ready()
            var outcome: ProcessOutcome
            do {
                outcome = try await supervisor.run(request)
            } catch is Supervisor.Gone {
                bury(supervisor)
                return ProcessOutcome(end: .lost, stopped: Task.isCancelled)
            }
            guard outcome.isShortage, case .notStarted(let reason) = outcome.end else {
                return outcome
            }
            if try await retry.wait() { continue }
            outcome.end = .notStarted("\(reason) (\(advice))")
            return outcome
        }
    }

    private var advice: String {
        let time = Quantity.time(seconds: patience / .seconds(1))
        return "tried again for \(time): this node has too many processes or open files, or too "
            + "little memory"
    }

    /// Ends the supervisor, which clears up.
    func close() {
        let last = state.withLock { state in
            state.isClosed = true
            return state.current
        }
        last?.close()
        // One that was killed has left it.
        NodeScratch.remove(scratch.directory)
    }

    // MARK: Supervisors

    /// A supervisor at work.
    private func ready() async throws -> Supervisor {
        var retry = Shortage.Retry(for: patience)
        while true {
            let problem: String
            do {
                let supervisor = try current()
                do {
                    try await supervisor.start()
                    if !supervisor.isGone { return supervisor }
                    problem = "it was killed"
                } catch is Supervisor.Gone {
                    problem = "it ended at once"
                }
                // No command was with it.
                bury(supervisor)
            } catch let error as FileError {
                guard Shortage.isMeant(by: error.code) else { throw fault("\(error)") }
                problem = "\(error)"
            }
            guard try await retry.wait() else { throw fault("\(problem) (\(advice))") }
        }
    }

    private func fault(_ problem: String) -> RunFault {
        RunFault("\(place): the process that starts commands cannot be started: \(problem)")
    }

    private func current() throws -> Supervisor {
        try state.withLock { state in
            if state.isClosed { throw CancellationError() }
            if let current = state.current { return current }
            let new = try Supervisor(
                program: program,
                scratch: scratch,
                bindsToCores: bindsToCores
            )
            state.current = new
            return new
        }
    }

    private func bury(_ dead: Supervisor) {
        dead.destroy()
        state.withLock { state in
            if state.current === dead { state.current = nil }
        }
    }
}
