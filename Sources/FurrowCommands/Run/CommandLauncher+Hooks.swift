import FurrowCore
import FurrowDevices
import FurrowRuns
import FurrowSweeps
import FurrowSystem
import Synchronization

/// What was done on a worker besides its jobs.
struct HookProgress: Sendable {
    var hasBegun = false
    var failure: RunFault?
}

extension CommandLauncher {
    /// The most that a teardown may take, where the stage has no time limit.
    private static let teardownLimit = Duration.seconds(600)

    /// Sets up the node and the worker before the worker's first job. One at a time, like jobs.
    ///
    /// - Throws: ``RunFault`` if that fails, or has failed.
    func setUp(for context: JobContext) async throws {
        let hooks = setting.stage.hooks
        guard !hooks.isEmpty else { return }
        let progress = progress.withLock { $0 }
        if let failure = progress.failure { throw failure }
        if progress.hasBegun { return }
        do {
            try await node?.setUp {
                if let command = hooks.nodeSetup {
                    try await run(command, called: "node-setup", device: context.device?.name)
                }
            }
            if let command = hooks.setup {
                try await run(command, called: "setup", device: context.device?.name)
            }
            self.progress.withLock { $0.hasBegun = true }
        } catch let fault as RunFault {
            self.progress.withLock { $0.failure = fault }
            throw fault
        }
    }

    /// Undoes what was set up, after the worker's last job. A failure is told of: the jobs are done.
    func tearDown() async {
        let hooks = setting.stage.hooks
        if progress.withLock({ $0.hasBegun }), let command = hooks.teardown {
            await undo(by: command, called: "teardown")
        }
        // The node's other workers may still be at work.
        if node?.leave() == true, let command = hooks.nodeTeardown {
            await undo(by: command, called: "node-teardown")
        }
    }

    private func undo(by command: CommandTemplate, called name: String) async {
        do {
            try await run(command, called: name, device: nil)
        } catch {
            StandardError.write("Warning: \(message(of: error))")
        }
    }

    /// Runs a command that is no job. Its output is kept in the worker's files.
    private func run(_ command: CommandTemplate, called name: String, device: String?) async throws
    {
        var context = CommandContext(parameters: Parameters(), job: 0)
        context.taskID = max(0, setting.rank - 1)
        context.device = device ?? ""
        context.runDirectory = setting.output.layout.directory
        do {
            try output.renew()
            try scratch.renew()
        } catch {
            throw RunFault("\(place): \(name) cannot be prepared: \(error)")
        }
        var request = hookRequest(command, context)
        let isUndoing = name.hasSuffix("teardown")
        let limit = setting.stage.timeout ?? (isUndoing ? Self.teardownLimit : nil)
        request.timeout = limit
        let outcome = try await supervisors.run(request)
        let reason = CommandFailure.reason(outcome, timeout: limit)
        let errors = try output.err.tail(most: 4096)
        _ = try output.out.move(known: [])
        _ = try output.err.move(known: [])
        if !isUndoing, await outcome.wasCancelled(isFailed: reason != nil) {
            throw CancellationError()
        }
        if let reason {
            let told = reason + hint(at: command, context, errors)
            throw RunFault("\(place): \(name): \(CommandFailure(told, errors: errors))")
        }
    }

    var place: String { "rank \(setting.rank) on \(setting.host)" }
}
