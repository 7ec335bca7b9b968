import Foundation
import FurrowRuns
import FurrowSweeps
import FurrowSystem
import TestSupport
import Testing

@testable import FurrowCommands

/// What the workers of a node share.
@Suite(.timeLimit(.minutes(2))) struct NodeShareTests {
    private struct Refusal: Error {}

    private func share(_ scratch: Scratch) throws -> NodeShare {
        try NodeShare(of: OutputFolder(in: "/run", start: 1), stage: 1, in: scratch.path)
    }

    @Test func oneWorkerSetsUpAndTheLastOneLeaves() async throws {
        let scratch = try Scratch()
        let workers = try (0..<3).map { _ in try share(scratch) }
        var count = 0
        for worker in workers { try await worker.setUp { count += 1 } }
        #expect(count == 1)
        #expect(workers.map { $0.leave() } == [false, false, true])
        #expect(try scratch.contents().isEmpty)
    }

    @Test func aSetupThatFailedFailsForAll() async throws {
        let scratch = try Scratch()
        let workers = try (0..<2).map { _ in try share(scratch) }
        await #expect(throws: Refusal.self) { try await workers[0].setUp { throw Refusal() } }
        await #expect(throws: RunFault.self) { try await workers[1].setUp {} }
        #expect(workers.map { $0.leave() } == [false, false])
    }

    @Test func aSetupThatWasStoppedRunsAgain() async throws {
        let scratch = try Scratch()
        let worker = try share(scratch)
        await #expect(throws: CancellationError.self) {
            try await worker.setUp { throw CancellationError() }
        }
        var hasRun = false
        try await worker.setUp { hasRun = true }
        #expect(hasRun && worker.leave())
    }

    @Test func startsAreADelayApart() async throws {
        let scratch = try Scratch()
        let workers = try (0..<2).map { _ in try share(scratch) }
        let begin = ContinuousClock.now
        for turn in 0..<4 {
            try await workers[turn % 2].waitForTurn(.milliseconds(50), node: 0, of: 1)
        }
        #expect(ContinuousClock.now - begin >= .milliseconds(150))
    }

    /// Of several nodes each has turns of its own.
    @Test func nodesTakeTurns() {
        var starts: [Int] = []
        for node in 0..<3 {
            var last = 0
            for _ in 0..<5 {
                last = NodeShare.turn(
                    after: last,
                    now: 1000,
                    delay: 7,
                    node: node,
                    of: 3,
                    dayAhead: 0
                )
                starts.append(last)
            }
        }
        let sorted = starts.sorted()
        #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $1 - $0 == 7 })
        // Where their machines were started at different times, the time of day is theirs alike.
        let ahead = [900, 3, 50]
        let shifted = (0..<3).map { node in
            NodeShare.turn(
                after: 0,
                now: 1000 - ahead[node],
                delay: 7,
                node: node,
                of: 3,
                dayAhead: ahead[node]
            ) + ahead[node]
        }
        #expect(Set(shifted) == Set(starts.filter { $0 < 1021 }))
        // A time from before the machine's start, and delays without end.
        #expect(
            NodeShare.turn(after: 86_400_000_000_000, now: 5, delay: 7, node: 0, of: 1, dayAhead: 0)
                == 5
        )
        #expect(NodeShare.turn(after: 0, now: 5, delay: .max, node: 0, of: 9, dayAhead: 0) == 5)
    }
}

/// What the system tells of memory that ran out.
@Suite struct MemoryWatchTests {
    private func node(_ group: String, _ file: String, _ kills: Int, _ all: Int) throws -> Scratch {
        let scratch = try Scratch()
        for folder in ["proc/self", String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])] {
            try FileManager.default.createDirectory(
                atPath: "\(scratch.path)/\(folder)",
                withIntermediateDirectories: true
            )
        }
        try scratch.write(group, to: "proc/self/cgroup")
        try scratch.write("low 0\noom 7\noom_kill \(kills)\n", to: file)
        try scratch.write("nr_free 1\noom_kill \(all)\n", to: "proc/vmstat")
        return scratch
    }

    @Test(arguments: [
        ("0::/a/b\n", "sys/fs/cgroup/a/b/memory.events"),
        ("5:cpu,memory:/x\n0::/\n", "sys/fs/cgroup/memory/x/memory.oom_control"),
    ])
    func aGroupsLossIsSeen(group: String, file: String) throws {
        let scratch = try node(group, file, 1, 3)
        let watch = MemoryWatch(root: scratch.path)
        #expect(watch.look() == nil)
        try scratch.write("oom_kill 2\n", to: file)
        #expect(watch.look() == .group)
        #expect(watch.look() == nil)
        try scratch.write("oom_kill 4\n", to: "proc/vmstat")
        #expect(watch.look() == .node)
    }

    @Test func aSystemThatTellsNothingIsNoShortage() throws {
        let watch = MemoryWatch(root: try Scratch().path)
        #expect(watch.look() == nil)
    }
}

/// What commands start from on other hosts.
@Suite struct CommandOriginTests {
    private func bytes(_ variables: [String]) -> [[UInt8]] { variables.map { Array($0.utf8) } }

    @Test func aFarHostHasRank0sVariablesAndItsOwn() {
        let origin = CommandOrigin(
            host: "n1",
            folder: "/work",
            variables: bytes(["A=1", "PATH=/x", "HOSTNAME=n1", "SSH_TTY=/dev/pts/1"])
        )
        let own = bytes(["A=0", "B=2", "HOSTNAME=n2", "TMPDIR=/local"])
        #expect(origin.environment(on: "n1", own: own) == own)
        #expect(
            origin.environment(on: "n2", own: own)
                == bytes(["A=1", "PATH=/x", "HOSTNAME=n2", "TMPDIR=/local"])
        )
    }

    @Test func aFolderThatIsMissingIsAnError() throws {
        let scratch = try Scratch()
        let file = try scratch.write("command: [a]\ndirectory: /tmp", to: "a.yaml")
        let plain = try scratch.write("command: [a]", to: "b.yaml")
        let elsewhere = try Sweep(contentsOf: file).stages[0].settings
        let stage = try Sweep(contentsOf: plain).stages[0].settings
        let missing = CommandOrigin(host: "n1", folder: "/no/such/folder", variables: [])
        #expect(throws: UsageError.self) { try missing.directory(for: stage) }
        #expect(try missing.directory(for: elsewhere) == nil)
        let other = CommandOrigin(host: "n1", folder: scratch.path, variables: [])
        #expect(try other.directory(for: stage) == Array(scratch.path.utf8))
    }
}

/// What is too long for the system.
@Suite struct LongArgumentTests {
    @Test(arguments: [
        (1, 200_000, "an argument is too long: 200000 bytes, the system's limit is 131071"),
        (40, 100_000, "arguments and environment are too long: 4000"),
    ])
    func itsLengthIsTold(count: Int, length: Int, words: String) throws {
        let scratch = try Scratch()
        let argument = [UInt8](repeating: 0x61, count: length)
        var spawner = Spawner()
        let result = spawner.start(
            ProcessRequest(
                arguments: [Array("/bin/true".utf8)] + Array(repeating: argument, count: count),
                environment: [],
                output: scratch.path + "/out",
                errors: scratch.path + "/err",
                grace: .zero
            )
        )
        let error = #expect(throws: Spawner.Problem.self) { try result.get() }
        #expect(error?.description.contains(words) == true, "\(error as Any)")
        #expect((error?.description.count ?? 0) < 200)
    }
}
