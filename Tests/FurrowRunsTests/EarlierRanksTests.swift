import Foundation
import FurrowSystem
import Testing

@testable import FurrowRuns

@Suite struct EarlierRanksTests {
    private func rank(_ number: Int, of process: Int32, on host: String = hostName())
        -> RunRecord.Rank
    {
        var rank = RunRecord.Rank(rank: number, host: host, device: nil)
        rank.process = process
        rank.processStart = FurrowSystem.processStart(of: process) ?? "1"
        return rank
    }

    /// To be ended by SIGKILL: a test's thread may block other signals, which children inherit.
    private func sleeper(_ seconds: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sleep")
        process.arguments = [seconds]
        // It would hold the output of the tests open.
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try body()
        return (ContinuousClock.now - start).seconds
    }

    @Test func oneThatEndsIsWaitedFor() throws {
        let process = try sleeper("0.5")
        let rank = rank(2, of: process.processIdentifier)
        let waited = try seconds {
            try EarlierRanks.waitForEnd(of: [rank], in: "/run", idle: .zero)
        }
        #expect(waited > 0.2)
        #expect(FurrowSystem.processStart(of: process.processIdentifier) == nil)
    }

    @Test func oneThatDoesNotEndIsNamed() throws {
        let process = try sleeper("300")
        defer { kill(process.processIdentifier, SIGKILL) }
        let ranks = [rank(0, of: 1, on: hostName()), rank(2, of: process.processIdentifier)]
        var gone = ranks
        gone[0].processStart = "0"
        let error = #expect(throws: UsageError.self) {
            try EarlierRanks.waitForEnd(
                of: gone,
                in: "/run",
                idle: .zero,
                patience: .milliseconds(300)
            )
        }
        #expect(error?.description.contains("/run is still in use by rank 2 of") == true)
        #expect(error?.description.contains("process \(process.processIdentifier) on") == true)
    }

    @Test func nobodyIsWaitedForWhoEndedInOrder() throws {
        let process = try sleeper("300")
        defer { kill(process.processIdentifier, SIGKILL) }
        let rank = rank(1, of: process.processIdentifier)
        #expect(try seconds { try EarlierRanks.waitForEnd(of: [rank], in: "", idle: nil) } < 60)
    }

    @Test func thoseOfOtherHostsAreGivenTime() throws {
        let far = rank(1, of: 1, on: "far")
        let idle = EarlierRanks.departure - .milliseconds(400)
        let waited = try seconds { try EarlierRanks.waitForEnd(of: [far], in: "", idle: idle) }
        #expect(waited > 0.3)
        // The lock was touched long ago.
        try EarlierRanks.waitForEnd(of: [far], in: "", idle: .seconds(1_000_000))
    }

    /// A number that is used again is another process; version 0.1 recorded none.
    @Test func othersAreNobodys() throws {
        var other = rank(1, of: 1)
        other.processStart = "0"
        var former = rank(2, of: 1)
        former.process = nil
        try EarlierRanks.waitForEnd(of: [other, former], in: "", idle: .zero)
    }
}
