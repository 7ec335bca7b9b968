import Foundation
import Furrow
import TestSupport
import Testing

@testable import FurrowCommands

/// Supervisors and the requests of a worker's commands.
private struct Commands: Sendable {
    let bench: Bench
    let scratch: NodeScratch
    let supervisors: Supervisors

    init(program: String = Bench.program, patience: Duration = .seconds(60)) throws {
        bench = try Bench()
        scratch = try NodeScratch()
        supervisors = Supervisors(
            at: "rank 3 on node7",
            program: program,
            scratch: scratch,
            bindsToCores: false,
            patience: patience
        )
    }

    func shell(_ script: String, output: String = "out") async throws -> ProcessOutcome {
        var request = bench.request(["/bin/sh", "-c", script])
        request.environment.append(scratch.variable)
        request.output = bench.folder.appendingPathComponent(output).path
        return try await supervisors.run(request)
    }

    func close() {
        supervisors.close()
        bench.supervisor.close()
        #expect(!FileManager.default.fileExists(atPath: scratch.directory))
    }

    /// The number of the supervisor's process.
    func supervisor() async throws -> Int32 {
        #expect(try await shell("echo $PPID", output: "parent").end == .exited(0))
        let text = String(decoding: try bench.output("parent"), as: UTF8.self)
        return try #require(text.split(separator: "\n").last.flatMap { Int32($0) })
    }

    /// Sets how many descriptors a process may have open.
    static func limit(_ process: Int32, descriptors: Int) throws {
        let command = ["prlimit", "--pid", "\(process)", "--nofile=\(descriptors):"]
        #expect(try Execution.run(command).status == 0)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct SupervisorsTests {
    /// Its command fails, and all that this has started ends; the next has another supervisor.
    @Test func aSupervisorThatWasKilledIsReplaced() async throws {
        let commands = try Commands()
        let mark = "97\(UInt32.random(in: 100_000...999_999))"
        let script = """
            sleep \(mark) & setsid sleep \(mark) & (setsid sh -c 'sleep \(mark) & sleep \(mark)' &)
            env -i sleep \(mark) & env -i setsid sleep \(mark) &
            kill -KILL $PPID; sleep \(mark)
            """
        for _ in 1...3 {
            #expect(try await commands.shell(script).end == .lost)
            #expect(try processes(with: mark) == [])
            #expect(try await commands.shell("exit 7").end == .exited(7))
        }
        commands.close()
    }

    @Test func aSupervisorThatDiesBetweenTwoCommandsFailsNone() async throws {
        let commands = try Commands()
        for _ in 1...5 {
            let supervisor = try await commands.supervisor()
            kill(supervisor, SIGKILL)
            // Until it is dead a command may still be with it.
            while !isDead(supervisor) { await Task.yield() }
            let outcome = try await commands.shell("exit 7")
            // Its end is heard of a moment after it: the command may have been with it.
            #expect([.exited(7), .lost].contains(outcome.end))
            #expect(try await commands.shell("exit 7").end == .exited(7))
        }
        commands.close()
    }

    @Test func aCancelledCommandOfAKilledSupervisorIsStopped() async throws {
        let commands = try Commands()
        let mark = "96\(UInt32.random(in: 100_000...999_999))"
        let run = Task { try await commands.shell("trap '' TERM; sleep \(mark); sleep \(mark)") }
        while try processes(with: "sleep\0\(mark)").isEmpty { await Task.yield() }
        run.cancel()
        let supervisors = try processes(with: commands.scratch.directory)
        for supervisor in supervisors { kill(supervisor, SIGKILL) }
        let outcome = try await run.value
        #expect(outcome.end == .lost && outcome.stopped)
        #expect(try processes(with: mark) == [])
        commands.close()
    }

    @Test func aCommandWaitsForDescriptors() async throws {
        let commands = try Commands()
        let supervisor = try await commands.supervisor()
        try Commands.limit(supervisor, descriptors: 4)
        let start = ContinuousClock.now
        let run = Task { try await commands.shell("exit 7") }
        try await Task.sleep(for: .milliseconds(300))
        try Commands.limit(supervisor, descriptors: 256)
        #expect(try await run.value.end == .exited(7))
        #expect(ContinuousClock.now - start >= .milliseconds(300))
        commands.close()
    }

    @Test func aCommandDoesNotWaitForEver() async throws {
        let commands = try Commands(patience: .milliseconds(200))
        try Commands.limit(try await commands.supervisor(), descriptors: 4)
        let fault = await #expect(throws: RunFault.self) { try await commands.shell("exit 7") }
        let text = fault?.description ?? ""
        #expect(text.contains("commands cannot be started: "), "\(text)")
        #expect(text.contains("Too many open files (tried again for 0.2"), "\(text)")
        // Another worker can.
        #expect(fault?.isOfWorker == true)
        commands.close()
    }

    @Test func aCommandThatWaitsIsCancelledAtOnce() async throws {
        let commands = try Commands(patience: .seconds(600))
        try Commands.limit(try await commands.supervisor(), descriptors: 4)
        let start = ContinuousClock.now
        let run = Task { try await commands.shell("exit 7") }
        try await Task.sleep(for: .milliseconds(300))
        run.cancel()
        await #expect(throws: CancellationError.self) { try await run.value }
        #expect(ContinuousClock.now - start < .seconds(60))
        commands.close()
    }

    @Test func aSupervisorThatCannotBeStartedEndsTheRun() async throws {
        for (program, patience, reason) in [
            ("/bin/false", Duration.milliseconds(200), "it ended at once (tried again for 0.2"),
            ("/nowhere", .seconds(60), "/nowhere: No such file or directory"),
        ] {
            let commands = try Commands(program: program, patience: patience)
            let fault = await #expect(throws: RunFault.self) { try await commands.shell("exit 7") }
            let text = fault?.description ?? ""
            #expect(text.hasPrefix("rank 3 on node7: the process that starts commands"), "\(text)")
            #expect(text.contains(reason), "\(text)")
            commands.close()
        }
    }

    @Test func aSupervisorThatDoesNotStartIsNotWaitedForAfterACancellation() async throws {
        let bench = try Bench()
        let program = try await bench.writeProgram("hangs", "#!/bin/sh\nexec sleep 1000")
        let commands = try Commands(program: program)
        let run = Task { try await commands.shell("exit 7") }
        try await Task.sleep(for: .milliseconds(200))
        run.cancel()
        await #expect(throws: CancellationError.self) { try await run.value }
        commands.close()
        bench.supervisor.close()
    }
}
