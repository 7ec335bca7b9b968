import Furrow
import Synchronization

/// Runs commands, one after the other, through a supervisor, and replaces a dead supervisor.
final class Supervisors: Sendable {
    /// How long to try again if processes, memory or descriptors run out.
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
    ///   - scratch: a folder to remove at the end.
    ///   - bindsToCores: whether commands are bound to the cores of this rank.
    ///   - patience: how long to try again after a shortage.
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
        // It starts while the ranks do. If that fails, the first command tries again and reports
        // the error.
        _ = try? current()
    }

    /// Runs a command to its end, one at a time. Cancelling the task ends the command.
    ///
    /// A command that cannot be started because processes, memory or descriptors ran out is tried
    /// again for a while. If the supervisor dies, everything that the command started is killed,
    /// and the next command gets a new supervisor.
    ///
    /// - Throws: ``Furrow/RunFault`` if no supervisor can be started, or the command not for lack of
    ///   something; `CancellationError` if the task is cancelled before the command starts.
    func run(_ request: ProcessRequest) async throws -> ProcessOutcome {
        var retry = Shortage.Retry(for: patience)
        while true {
            let supervisor = try await ready()
            let outcome: ProcessOutcome
            do {
                outcome = try await supervisor.run(request)
            } catch is Supervisor.Gone {
                bury(supervisor)
                return ProcessOutcome(end: .lost, stopped: Task.isCancelled)
            }
            guard outcome.isShortage, case .notStarted(let reason) = outcome.end else {
                return outcome
            }
            guard try await retry.wait() else { throw fault("commands", "\(reason) (\(advice))") }
        }
    }

    private var advice: String {
        let time = Quantity.time(seconds: patience / .seconds(1))
        return "tried again for \(time): this node has too many processes or open files, or too "
            + "little memory"
    }

    /// Ends the supervisor, which cleans up.
    func close() {
        let last = state.withLock { state in
            state.isClosed = true
            return state.current
        }
        last?.close()
        // A killed supervisor has left the folder.
        NodeScratch.remove(scratch.directory)
    }

    // MARK: Supervisors

    private var starter: String { "the process that starts commands" }

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
                // It had no command.
                bury(supervisor)
            } catch let error as FileError {
                guard Shortage.isMeant(by: error.code) else { throw fault(starter, "\(error)") }
                problem = "\(error)"
            }
            guard try await retry.wait() else { throw fault(starter, "\(problem) (\(advice))") }
        }
    }

    /// That this worker can run no commands.
    private func fault(_ what: String, _ problem: String) -> RunFault {
        RunFault.ofWorker("\(place): \(what) cannot be started: \(problem)")
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
