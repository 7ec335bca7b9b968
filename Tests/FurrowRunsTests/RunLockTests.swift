import Foundation
import FurrowSystem
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import FurrowRuns

/// A process that lives until it is told otherwise.
private final class Sleeper {
    private let process = Process()
    var owner: RunLock.Owner

    init() throws {
        process.executableURL = URL(fileURLWithPath: "/bin/sleep")
        process.arguments = ["300"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let status = try String(
            contentsOfFile: "/proc/\(process.processIdentifier)/stat",
            encoding: .utf8
        )
        owner = .current()
        owner.process = process.processIdentifier
        owner.processStart = String(status.split(separator: " ")[21])
    }

    func end() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    deinit { end() }
}

private func write(_ owner: RunLock.Owner, in folder: Scratch) throws {
    let text = try JSONEncoder.journal.text(owner)
    try folder.write(text, to: "lock")
}

private func holder(_ folder: Scratch) throws -> RunLock.Owner {
    try JSONDecoder.journal.decode(RunLock.Owner.self, from: Data(try folder.text("lock").utf8))
}

/// The files of a run's directory.
private func files(_ folder: Scratch) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
}

@Suite struct RunLockOwnerTests {
    private let own = RunLock.Owner.current()

    private func isAlive(_ change: (inout RunLock.Owner) -> Void) -> Bool? {
        var other = own
        change(&other)
        return other.isAlive(seenFrom: own)
    }

    @Test func thisProcessLives() {
        #expect(own.isAlive(seenFrom: own) == true)
        #expect(own.process == getpid())
        #expect(own.boot.count == 36)
    }

    @Test func aNumberThatIsUsedAgainIsAnotherProcess() {
        #expect(isAlive { $0.processStart = "\((Int($0.processStart) ?? 0) - 1)" } == false)
        #expect(isAlive { $0.processStart = "" } == false)
    }

    @Test func anotherBootIsOver() {
        #expect(isAlive { $0.boot = "another" } == false)
    }

    @Test func aProcessThatIsGoneIsDead() throws {
        let sleeper = try Sleeper()
        #expect(sleeper.owner.isAlive(seenFrom: own) == true)
        sleeper.end()
        #expect(sleeper.owner.isAlive(seenFrom: own) == false)
    }

    /// As `hidepid` hides it: it is watched, as one on another host.
    @Test func aProcessThatIsHiddenIsNotDead() throws {
        let sleeper = try Sleeper()
        let start = sleeper.owner.processStart
        let process = sleeper.owner.process
        #expect(FurrowSystem.isAlive(process, startedAt: start, in: "/proc") == true)
        #expect(FurrowSystem.isAlive(process, startedAt: "1", in: "/proc") == false)
        #expect(FurrowSystem.isAlive(process, startedAt: start, in: "/nowhere") == nil)
        sleeper.end()
        #expect(FurrowSystem.isAlive(process, startedAt: start, in: "/nowhere") == false)
    }

    @Test func aProcessWithoutAParentThatWaitsIsDead() throws {
        // Ended, and not yet waited for: a launcher that hangs keeps such.
        var process: pid_t = 0
        var arguments = [strdup("true"), nil]
        defer { free(arguments[0]) }
        #expect(posix_spawn(&process, "/bin/true", nil, nil, &arguments, environ) == 0)
        var info = siginfo_t()
        #expect(waitid(P_PID, UInt32(process), &info, WEXITED | WNOWAIT) == 0)
        let status = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        var zombie = own
        zombie.process = process
        zombie.processStart = String(status.split(separator: " ")[21])
        #expect(zombie.isAlive(seenFrom: own) == false)
        waitpid(process, nil, 0)
    }

    @Test func anotherHostCannotBeSeen() {
        #expect(isAlive { $0.host = "another" } == nil)
    }

    @Test func aRequeuedJobIsItsOwnSuccessor() {
        var first = own
        (first.host, first.slurmJob, first.slurmRestart) = ("another", "17", nil)
        var second = own
        (second.slurmJob, second.slurmRestart) = ("17", "1")
        #expect(first.isAlive(seenFrom: second) == false)
        // Two steps of one job, or two jobs.
        second.slurmRestart = nil
        #expect(first.isAlive(seenFrom: second) == nil)
        (second.slurmJob, second.slurmRestart) = ("18", "1")
        #expect(first.isAlive(seenFrom: second) == nil)
        second.slurmJob = nil
        #expect(first.isAlive(seenFrom: second) == nil)
    }
}

@Suite(.serialized) struct RunLockTests {
    private let folder: Scratch

    init() throws { folder = try Scratch() }

    @Test func itIsRefusedWhileItsOwnerLives() throws {
        let sleeper = try Sleeper()
        let lock = try RunLock(folder.path, as: sleeper.owner)
        let error = #expect(throws: UsageError.self) { try RunLock(folder.path) }
        #expect(error?.description.contains("process \(sleeper.owner.process) on") == true)
        #expect(error?.description.contains(hostName()) == true)
        #expect(error?.description.contains(folder.path) == true)
        let process = "process \(sleeper.owner.process)"
        #expect(RunLock.owner(of: folder.path)?.hasPrefix(process) == true)
        #expect(try files(folder) == ["lock"])
        lock.release()
        #expect(try files(folder) == [])
        #expect(RunLock.owner(of: folder.path) == nil)
        try RunLock(folder.path).release()
    }

    @Test func thatOfAKilledProcessIsTaken() throws {
        let sleeper = try Sleeper()
        try write(sleeper.owner, in: folder)
        sleeper.end()
        #expect(RunLock.owner(of: folder.path) == nil)
        let lock = try RunLock(folder.path)
        #expect(try holder(folder).process == getpid())
        #expect(try files(folder) == ["lock"])
        lock.release()
    }

    @Test func thatOfAnotherHostIsTakenWhenNobodyTouchesIt() throws {
        var other = RunLock.Owner.current()
        other.host = "another"
        try write(other, in: folder)
        #expect(RunLock.owner(of: folder.path)?.hasSuffix("on another") == true)
        // It was killed with its host: what asks for it need not wait.
        let past = Date(timeIntervalSinceNow: -100)
        let path = folder.path + "/lock"
        try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: path)
        #expect(RunLock.owner(of: folder.path) == nil)
        let lock = try RunLock(folder.path, as: .current(), watching: 1)
        #expect(try holder(folder).process == getpid())
        lock.release()
    }

    @Test func thatOfAnotherHostIsRefusedWhenSomebodyTouchesIt() throws {
        var other = RunLock.Owner.current()
        other.host = "another"
        try write(other, in: folder)
        let path = folder.path + "/lock"
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "touch"))
        timer.setEventHandler { utimensat(AT_FDCWD, path, nil, 0) }
        timer.schedule(deadline: .now(), repeating: 0.1)
        timer.resume()
        defer { timer.cancel() }
        let error = #expect(throws: UsageError.self) {
            try RunLock(folder.path, as: .current(), watching: 5)
        }
        #expect(error?.description.contains("on another") == true)
        #expect(try holder(folder) == other)
    }

    @Test func thatOfAnotherHostWhichEndsMeanwhileIsFree() throws {
        var other = RunLock.Owner.current()
        other.host = "another"
        try write(other, in: folder)
        let path = folder.path + "/lock"
        let queue = DispatchQueue(label: "release")
        queue.asyncAfter(deadline: .now() + 0.3) { unlink(path) }
        let lock = try RunLock(folder.path, as: .current(), watching: 10)
        #expect(try holder(folder).process == getpid())
        lock.release()
    }

    @Test func ofManyThatWantADeadOwnersLockOneHasIt() throws {
        let sleepers = try (0..<8).map { _ in try Sleeper() }
        var dead = RunLock.Owner.current()
        dead.processStart = "1"
        for round in 0..<3000 {
            // Each round another dead owner, as it would be.
            dead.since = Double(round)
            try write(dead, in: folder)
            let (locks, refused) = (Log<Held>(), Log<String>())
            let done = DispatchSemaphore(value: 0)
            for owner in sleepers.map(\.owner) {
                Thread { [folder] in
                    do {
                        let lock = try RunLock(folder.path, as: owner)
                        locks.add(Held(lock: lock, owner: owner))
                    } catch {
                        if !(error is UsageError) { Issue.record("\(error)") }
                        refused.add("\(error)")
                    }
                    done.signal()
                }.start()
            }
            for _ in sleepers {
                try #require(done.wait(timeout: .now() + 30) == .success, "a taker hangs")
            }
            let winners = locks.all
            #expect(winners.count == 1, "round \(round)")
            #expect(refused.all.count == 7)
            if let winner = winners.first { #expect(try holder(folder) == winner.owner) }
            #expect(try files(folder) == ["lock"])
            for winner in winners { winner.lock.release() }
            if winners.count != 1 { return }
        }
    }

    @Test func ofManyThatTakeAndReleaseItNeverTwoHaveIt() throws {
        let sleepers = try (0..<4).map { _ in try Sleeper() }
        let holders = Mutex((now: 0, most: 0, all: 0))
        let problems = Log<String>()
        let done = DispatchSemaphore(value: 0)
        let take: @Sendable (RunLock.Owner) -> Void = { [folder] owner in
            for _ in 0..<1000 {
                do {
                    let lock = try RunLock(folder.path, as: owner)
                    holders.withLock {
                        $0.now += 1
                        $0.all += 1
                        $0.most = max($0.most, $0.now)
                    }
                    holders.withLock { $0.now -= 1 }
                    lock.release()
                } catch {
                    let text = "\(error)"
                    if !text.contains("is in use by process") { problems.add(text) }
                }
            }
            done.signal()
        }
        for owner in sleepers.map(\.owner) { Thread { take(owner) }.start() }
        for _ in sleepers {
            try #require(done.wait(timeout: .now() + 60) == .success, "a taker hangs")
        }
        let (_, most, all) = holders.withLock { $0 }
        #expect(most == 1)
        #expect(all > 0)
        #expect(problems.all.isEmpty)
        #expect(try files(folder) == [])
    }

    @Test func aFileThatIsNoLockIsLeftAlone() throws {
        for text in ["{", "{}", #"{"host":"a"}"#] {
            try folder.write(text, to: "lock")
            let error = #expect(throws: UsageError.self) { try RunLock(folder.path) }
            #expect(error?.description.contains(folder.path + "/lock") == true)
            #expect(try folder.text("lock") == text)
            #expect(try files(folder) == ["lock"])
        }
    }

    @Test(arguments: ["", "\0", String(repeating: "\0", count: 300)])
    func whatAPowerFailureLeftIsTakenWhenNobodyTouchesIt(text: String) throws {
        try folder.write(text, to: "lock")
        #expect(RunLock.owner(of: folder.path) == nil)
        let lock = try RunLock(folder.path, as: .current(), watching: 1)
        #expect(try holder(folder).process == getpid())
        #expect(try files(folder) == ["lock"])
        lock.release()
        #expect(try files(folder) == [])
    }

    @Test func anEmptyOneThatSomebodyTouchesIsRefused() throws {
        try folder.write("", to: "lock")
        let path = folder.path + "/lock"
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "touch"))
        timer.setEventHandler { utimensat(AT_FDCWD, path, nil, 0) }
        timer.schedule(deadline: .now(), repeating: 0.1)
        timer.resume()
        defer { timer.cancel() }
        let error = #expect(throws: UsageError.self) {
            try RunLock(folder.path, as: .current(), watching: 5)
        }
        #expect(error?.description.contains("\(path) is empty, but a process touches it") == true)
        #expect(try folder.text("lock") == "")
    }

    /// A link that leads to itself cannot be opened, by root neither.
    @Test func oneThatCannotBeReadIsNoDeadOne() throws {
        let path = folder.path + "/lock"
        #expect(symlink(path, path) == 0)
        let error = #expect(throws: UsageError.self) {
            try RunLock(folder.path, as: .current(), watching: 1)
        }
        #expect(error?.description.contains("Too many levels of symbolic links") == true)
        #expect(try files(folder) == ["lock"])
    }

    @Test func aDirectoryThatIsGoneIsAFileError() {
        #expect(throws: FileError.self) { try RunLock(folder.path + "/nowhere") }
    }

    @Test func itIsTouchedAsLongAsItIsHeld() throws {
        let lock = try RunLock(folder.path)
        defer { lock.release() }
        let path = folder.path + "/lock"
        var old = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
        #expect(utimensat(AT_FDCWD, path, &old, 0) == 0)
        let end = ContinuousClock.now + .seconds(15)
        var status = stat()
        repeat {
            usleep(50_000)
            #expect(stat(path, &status) == 0)
        } while status.st_mtim.tv_sec == 1 && ContinuousClock.now < end
        #expect(status.st_mtim.tv_sec > 1)
    }

    @Test func anOwnerWhoLosesItDoesNotReleaseIt() throws {
        let sleeper = try Sleeper()
        let lock = try RunLock(folder.path)
        try write(sleeper.owner, in: folder)
        lock.release()
        #expect(try holder(folder) == sleeper.owner)
    }

    @Test func anOwnerWhoLosesItEnds() async throws {
        let result = await #expect(
            processExitsWith: .exitCode(70),
            observing: [\.standardErrorContent]
        ) {
            let folder = try Scratch()
            let lock = try RunLock(folder.path)
            var other = RunLock.Owner.current()
            other.process += 1
            try write(other, in: folder)
            try await Task.sleep(for: .seconds(20))
            lock.release()
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("was taken by another run, process "))
    }

    @Test func anOwnerWhoseDirectoryIsGoneEnds() async throws {
        let result = await #expect(
            processExitsWith: .exitCode(70),
            observing: [\.standardErrorContent]
        ) {
            let folder = try Scratch()
            let lock = try RunLock(folder.path)
            try FileManager.default.removeItem(atPath: folder.path)
            try await Task.sleep(for: .seconds(20))
            lock.release()
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains(" is gone; ending this run"))
    }

    @Test func oneThatWasRemovedIsMadeAgain() throws {
        let lock = try RunLock(folder.path)
        defer { lock.release() }
        unlink(folder.path + "/lock")
        let end = ContinuousClock.now + .seconds(15)
        while try files(folder) != ["lock"] {
            try #require(ContinuousClock.now < end)
            usleep(20_000)
        }
        #expect(try holder(folder).process == getpid())
        #expect(throws: UsageError.self) { try RunLock(folder.path, as: other()) }
    }

    /// Its owner lives on while it cannot be read, and has it still when it can be.
    @Test func oneThatCannotBeReadForAWhileIsKept() throws {
        let lock = try RunLock(folder.path)
        let (path, away) = (folder.path + "/lock", folder.path + "/away")
        #expect(rename(path, away) == 0 && symlink(path, path) == 0)
        // Two looks at least.
        usleep(7_000_000)
        #expect(rename(away, path) == 0)
        #expect(try holder(folder).process == getpid())
        lock.release()
        #expect(try files(folder) == [])
    }

    /// A process of this host that lives: the first.
    private func other() throws -> RunLock.Owner {
        var owner = RunLock.Owner.current()
        let status = try String(contentsOfFile: "/proc/\(getppid())/stat", encoding: .utf8)
        owner.process = getppid()
        owner.processStart = String(status.split(separator: " ")[21])
        return owner
    }
}

@Suite struct LockKeeperTests {
    private let own = RunLock.Owner.current()

    private func step(_ content: RunLock.Content, untouched: Duration) -> LockKeeper.Step {
        LockKeeper.Step(for: content, of: "/run/lock", takenBy: own, untouched: untouched)
    }

    private func reason(_ content: RunLock.Content, untouched: Duration) -> String? {
        if case .end(let reason) = step(content, untouched: untouched) { reason } else { nil }
    }

    @Test func itsOwnIsTouched() {
        #expect(step(.owner(own), untouched: .seconds(3)) == .touch)
        // After a pause of the whole process, too.
        #expect(step(.owner(own), untouched: .seconds(10_000)) == .touch)
    }

    @Test func anotherOwnerEndsTheRun() {
        var other = own
        (other.host, other.process) = ("n7", 4711)
        let text = "/run/lock was taken by another run, process 4711 on n7"
        #expect(reason(.owner(other), untouched: .seconds(3))?.hasPrefix(text) == true)
    }

    @Test func oneThatCannotBeReadIsLookedAtAgainForMinutes() {
        let contents: [(RunLock.Content, String)] = [
            (.unreadable(FileError("/run/lock", code: EIO)), "Input/output error"),
            (.unreadable(FileError("/run/lock", code: EMFILE)), "Too many open files"),
            (.lost, "/run/lock is empty"), (.foreign, "/run/lock is not a lock"),
        ]
        for (content, text) in contents {
            for seconds in [3, 20, 120, 299] {
                guard case .wait(let problem) = step(content, untouched: .seconds(seconds)) else {
                    Issue.record("\(content) after \(seconds) s")
                    continue
                }
                #expect(problem.contains(text))
            }
            #expect(reason(content, untouched: .seconds(300))?.contains(text) == true)
        }
    }

    @Test func oneThatIsGoneIsMadeAgainUnlessAnotherMayHaveHadIt() {
        #expect(step(.missing, untouched: .seconds(3)) == .restore)
        let reason = reason(.missing, untouched: .seconds(Int(RunLock.watch / 2) + 1))
        #expect(reason?.contains("/run/lock is gone") == true)
    }
}

private final class Log<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    var all: [Value] { values.withLock { $0 } }
    func add(_ value: Value) { values.withLock { $0.append(value) } }
}

private struct Held: @unchecked Sendable {
    let lock: RunLock
    let owner: RunLock.Owner
}
