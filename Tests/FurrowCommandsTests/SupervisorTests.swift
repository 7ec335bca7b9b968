import Foundation
import TestSupport
import Testing

@testable import FurrowCommands

/// A supervisor with the files of one command.
final class Bench: Sendable {
    let files: Scratch
    let supervisor: Supervisor
    let scratch: NodeScratch

    init() throws {
        files = try Scratch()
        scratch = try NodeScratch()
        supervisor = try Supervisor(
            program: Self.program,
            scratch: scratch,
            bindsToCores: false
        )
    }

    var folder: URL { files.url }

    static let program = Execution.programs.appendingPathComponent("furrow").path

    func request(
        _ arguments: [String],
        environment: [String] = [],
        timeout: Duration? = nil,
        grace: Duration = .seconds(5)
    ) -> ProcessRequest {
        ProcessRequest(
            arguments: arguments.map { Array($0.utf8) },
            environment: CommandEnvironment.setting(
                environment.map { Array($0.utf8) },
                in: CommandEnvironment.base
            ),
            output: folder.appendingPathComponent("out").path,
            errors: folder.appendingPathComponent("err").path,
            timeout: timeout,
            grace: grace
        )
    }

    func shell(
        _ script: String,
        timeout: Duration? = nil,
        grace: Duration = .seconds(5)
    ) async throws -> ProcessOutcome {
        try await supervisor.run(
            request(["/bin/sh", "-c", script], timeout: timeout, grace: grace)
        )
    }

    /// Writes a program, by a process of its own: a file that this one has open for writing may be
    /// open in a child that another test starts, and is "busy" until that child has closed it.
    func writeProgram(_ name: String, _ text: String) async throws -> String {
        let path = folder.appendingPathComponent(name).path
        let outcome = try await shell("cat >'\(path)' <<'END' && chmod 755 '\(path)'\n\(text)\nEND")
        #expect(outcome.end == .exited(0))
        return path
    }

    func output(_ name: String = "out") throws -> [UInt8] {
        try files.bytes(name)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct SupervisorTests {
    @Test(arguments: [("bin:/usr/bin:/bin", "work/bin"), (":/usr/bin:/bin", "work")])
    func aRelativeFolderInPathIsMeantFromTheCommandsOwn(path: String, folder: String) async throws {
        let bench = try Bench()
        let work = bench.folder.appendingPathComponent("work").path
        for folder in [work, work + "/bin"] { #expect(mkdir(folder, 0o777) == 0) }
        _ = try await bench.writeProgram("\(folder)/tool", "#!/bin/sh\necho found")
        var request = bench.request(["tool"], environment: ["PATH=\(path)"])
        request.directory = Array(work.utf8)
        let outcome = try await bench.supervisor.run(request)
        #expect(outcome.end == .exited(0))
        #expect(try bench.files.text("out") == "found\n")
        bench.supervisor.close()
    }

    @Test func aStatusIsTold() async throws {
        let bench = try Bench()
        for status in [Int32(0), 1, 42, 255] {
            #expect(try await bench.shell("exit \(status)").end == .exited(status))
        }
        bench.supervisor.close()
    }

    @Test func aSignalIsTold() async throws {
        let bench = try Bench()
        #expect(try await bench.shell("kill -KILL $$").end == .signalled(SIGKILL))
        #expect(try await bench.shell("kill -SEGV $$").end == .signalled(SIGSEGV))
        bench.supervisor.close()
    }

    @Test func whatCannotBeStartedSaysWhy() async throws {
        let bench = try Bench()
        let run = bench.supervisor.run
        #expect(
            try await run(bench.request(["no-such-program"])).end
                == .notStarted("no-such-program: not found in PATH")
        )
        #expect(
            try await run(bench.request(["/nowhere/x"])).end
                == .notStarted("/nowhere/x: No such file or directory")
        )
        #expect(
            try await run(bench.request(["/etc/passwd"])).end
                == .notStarted("/etc/passwd: Permission denied")
        )
        var request = bench.request(["true"])
        request.directory = Array("/nowhere".utf8)
        #expect(try await run(request).end == .notStarted("/nowhere: No such file or directory"))
        request.directory = Array("/tmp".utf8)
        #expect(try await run(request).end == .exited(0))
        bench.supervisor.close()
    }

    @Test(arguments: [
        (
            "#!/bin/bash\r\necho hi\r",
            "'/bin/bash\\r' is missing, because its lines end as on Windows"
        ),
        ("#! /no/such/python -u\nx", "its interpreter '/no/such/python' is missing"),
    ])
    func aMissingInterpreterIsNamed(text: String, reason: String) async throws {
        let bench = try Bench()
        let script = try await bench.writeProgram("script", text)
        let end = try await bench.supervisor.run(bench.request([script])).end
        guard case .notStarted(let problem) = end else {
            Issue.record("\(end)")
            return
        }
        #expect(problem.hasPrefix(script) && problem.contains(reason), "\(problem)")
        bench.supervisor.close()
    }

    @Test func aScriptWithoutAFirstLineIsAShells() async throws {
        let bench = try Bench()
        let script = try await bench.writeProgram("script", "echo \"$1\"\nexit 3")
        let outcome = try await bench.supervisor.run(bench.request([script, "a b"]))
        #expect(outcome.end == .exited(3))
        #expect(try bench.output() == Array("a b\n".utf8))
        bench.supervisor.close()
    }

    @Test func theProgramIsLookedForInItsOwnPath() async throws {
        let bench = try Bench()
        _ = try await bench.writeProgram("my-tool", "#!/bin/sh\necho found")
        let request = bench.request(["my-tool"], environment: ["PATH=\(bench.folder.path)"])
        #expect(try await bench.supervisor.run(request).end == .exited(0))
        #expect(try bench.output() == Array("found\n".utf8))
        bench.supervisor.close()
    }

    @Test func bytesArriveAsTheyAre() async throws {
        let bench = try Bench()
        var request = bench.request(["printf", "%s|%s", "x", "y"])
        request.arguments[2] = [0xFF, 0xFE, UInt8(ascii: "\n"), UInt8(ascii: "'")]
        #expect(try await bench.supervisor.run(request).end == .exited(0))
        #expect(try bench.output() == request.arguments[2] + Array("|y".utf8))
        bench.supervisor.close()
    }

    @Test func outputOfAnySizeArrives() async throws {
        let bench = try Bench()
        let outcome = try await bench.shell("head -c 50000000 /dev/zero; echo e >/dev/stderr")
        #expect(outcome.end == .exited(0))
        #expect(try bench.output().count == 50_000_000)
        #expect(try bench.output("err") == Array("e\n".utf8))
        bench.supervisor.close()
    }

    @Test func signalsAndInputAreAsAfterALogin() async throws {
        let bench = try Bench()
        let script = """
            grep -E '^Sig(Blk|Ign)' /proc/self/status; cat; ls /proc/$$/fd; :
            """
        #expect(try await bench.shell(script).end == .exited(0))
        let text = String(decoding: try bench.output(), as: UTF8.self)
        let lines = text.split(separator: "\n")
        #expect(lines.first == "SigBlk:\t0000000000000000")
        // Signals 32 and 33 are the C library's own.
        let ignored = UInt64(lines[1].split(separator: "\t")[1], radix: 16) ?? .max
        #expect(ignored & ~0x1_8000_0000 == 0, "\(text)")
        // Counted without a pipe, whose ends the shell may still hold while it is counted.
        #expect(lines.dropFirst(2) == ["0", "1", "2"], "\(text)")
        bench.supervisor.close()
    }

    @Test func aTimeoutEndsACommandThatHears() async throws {
        let bench = try Bench()
        let outcome = try await bench.shell("sleep 100", timeout: .milliseconds(200))
        #expect(outcome.timedOut)
        #expect(outcome.end == .signalled(SIGTERM))
        bench.supervisor.close()
    }

    @Test func aTimeoutEndsACommandThatDoesNot() async throws {
        let bench = try Bench()
        let start = ContinuousClock.now
        let outcome = try await bench.shell(
            "trap '' TERM; while :; do sleep 0.1; done",
            timeout: .milliseconds(200),
            grace: .milliseconds(300)
        )
        #expect(outcome.end == .signalled(SIGKILL))
        #expect(ContinuousClock.now - start < .seconds(60))
        bench.supervisor.close()
    }

    @Test func aStoppedCommandCanBeEnded() async throws {
        let bench = try Bench()
        let outcome = try await bench.shell("kill -STOP $$", timeout: .milliseconds(200))
        #expect(outcome.end == .signalled(SIGTERM))
        bench.supervisor.close()
    }

    @Test func aCancellationAtAnyInstantEndsTheCommand() async throws {
        let bench = try Bench()
        for turn in 0..<40 {
            let start = ContinuousClock.now
            let task = Task { try await bench.shell("sleep 100", grace: .seconds(100)) }
            let delay = Duration.microseconds(turn * 75)
            while ContinuousClock.now - start < delay { await Task.yield() }
            task.cancel()
            let outcome = try await task.value
            #expect(outcome.stopped, "after \(delay)")
            #expect(outcome.end == .signalled(SIGTERM))
            // An end that nobody hears of would be found when the grace period is over.
            #expect(ContinuousClock.now - start < .seconds(60), "after \(delay)")
        }
        bench.supervisor.close()
    }

    @Test func nothingIsLeftBehind() async throws {
        let bench = try Bench()
        let mark = "99\(UInt32.random(in: 100_000...999_999))"
        let script = """
            sleep \(mark) & setsid sleep \(mark) & (setsid sh -c 'sleep \(mark) & sleep \(mark)' &)
            nohup sleep \(mark) >/dev/null 2>&1 & exit 0
            """
        let start = ContinuousClock.now
        #expect(try await bench.shell(script).end == .exited(0))
        #expect(try processes(with: mark) == [])
        #expect(ContinuousClock.now - start < .seconds(60))
        bench.supervisor.close()
    }

    @Test func manyCommandsLeaveNoDescriptorOpen() async throws {
        let bench = try Bench()
        for _ in 0..<500 { #expect(try await bench.shell("exit 0").end == .exited(0)) }
        #expect(try await bench.shell("ls /proc/$PPID/fd | wc -l").end == .exited(0))
        let text = String(decoding: try bench.output(), as: UTF8.self)
        #expect(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 99 <= 12, "\(text)")
        bench.supervisor.close()
    }

    @Test func itsEndRemovesTheScratchFolder() async throws {
        let bench = try Bench()
        #expect(
            try await bench.shell("echo '{}' > '\(bench.scratch.result)'").end
                == .exited(0)
        )
        #expect(FileManager.default.fileExists(atPath: bench.scratch.result))
        bench.supervisor.close()
        #expect(!FileManager.default.fileExists(atPath: bench.scratch.directory))
    }

    @Test func aKilledSupervisorIsToldOf() async throws {
        let bench = try Bench()
        let run = Task { try await bench.shell("kill -KILL $PPID; sleep 5") }
        await #expect(throws: Supervisor.Gone.self) { try await run.value }
        await #expect(throws: Supervisor.Gone.self) { try await bench.shell("exit 0") }
        // Whoever opens a socket next must not have one that the supervisor still believes its own.
        let pairs = (0..<64).map { _ in
            var ends: [Int32] = [-1, -1]
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
            return ends
        }
        // Reaps it: a child that nobody waits for keeps exit tests from ending.
        bench.supervisor.close()
        for ends in pairs {
            #expect(send(ends[0], "x", 1, Int32(MSG_NOSIGNAL)) == 1)
            #expect(send(ends[1], "x", 1, Int32(MSG_NOSIGNAL)) == 1)
            for end in ends { close(end) }
        }
    }

    /// One that was stopped hears of nothing, as one hears of nothing whose command hangs.
    @Test func aSupervisorThatDoesNotLeaveIsKilled() async throws {
        let bench = try Bench()
        let mark = "98\(UInt32.random(in: 100_000...999_999))"
        let run = Task { try await bench.shell("kill -STOP $PPID; sleep \(mark)") }
        while try processes(with: "sleep\0\(mark)").isEmpty { await Task.yield() }
        bench.supervisor.close()
        await #expect(throws: Supervisor.Gone.self) { try await run.value }
        #expect(try processes(with: mark) == [])
    }

    @Test func whatItTookIsMeasured() async throws {
        let bench = try Bench()
        let outcome = try await bench.shell(
            "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; head -c 60000000 /dev/zero | tail -c 60000000 >/dev/null"
        )
        #expect(outcome.userTime > 0.02)
        #expect(outcome.peakMemory > 50_000_000, "\(outcome.peakMemory)")
        bench.supervisor.close()
    }
}
