import Foundation
import Furrow
import FurrowRuns
import FurrowSystem
import SystemPackage

/// What the workers of one node share in a stage: whether its setup has run, when the next command
/// may start, and who leaves last. In files on the node's own disk, whose locks the system takes
/// from a worker that dies.
final class NodeShare: Sendable {
    /// How the node's setup stands.
    private enum Setup: UInt8 {
        case open, done, failed
    }

    /// How long to wait before asking again for what another worker has.
    private static let pause = Duration.milliseconds(20)
    /// The first byte is the ``Setup``; the start of the last command follows, in nanoseconds.
    private static let size = 9

    private let path: String
    /// Held together by all workers.
    private let presence: OpenFile
    /// Held by one at a time, with the state in it.
    private let state: OpenFile

    /// - Parameters:
    ///   - output: the run and its start.
    ///   - stage: the stage's number.
    ///   - folder: a folder on the node's own disk.
    init(of output: OutputFolder, stage: Int, in folder: String = "/tmp") throws {
        let key = "\(output.layout.directory)\n\(output.start)\n\(stage)"
        let hash = JobIdentity(stage: "node", canonical: Array(key.utf8)).description.prefix(16)
        path = "\(folder)/furrow-node-\(geteuid())-\(hash)"
        presence = try Self.open(path + ".lock")
        state = try Self.open(path)
        try presence.lock(LOCK_SH)
    }

    private static func open(_ path: String) throws -> OpenFile {
        let file = try OpenFile(
            path,
            .readWrite,
            [.create, .noFollow],
            permissions: .ownerReadWrite
        )
        guard try file.status().userID.rawValue == geteuid() else {
            throw RunFault("\(path) belongs to someone else; remove it")
        }
        return file
    }

    // MARK: Setup

    /// Runs the node's setup, unless another worker has. Waits while another one does.
    ///
    /// - Throws: what `body` throws, here and for every worker that comes later;
    ///   `CancellationError`.
    func setUp(_ body: () async throws -> Void) async throws {
        while try !state.tryLock() { try await Task.sleep(for: Self.pause) }
        defer { try? state.lock(LOCK_UN) }
        switch Setup(rawValue: try read()[0]) {
        case .done: return
        case .failed: throw RunFault("the node's setup failed on another worker")
        case .open, nil:
            do {
                try await body()
                try write(setup: .done)
            } catch {
                // One that was stopped may run again.
                if !(error is CancellationError) { try write(setup: .failed) }
                throw error
            }
        }
    }

    /// Leaves the node.
    ///
    /// - Returns: whether this was its last worker, and its setup has run.
    func leave() -> Bool {
        // A worker that holds the lock alone is the last one.
        guard (try? presence.tryLock()) == true else {
            try? presence.lock(LOCK_UN)
            return false
        }
        let wasSetUp = (try? read()).map { Setup(rawValue: $0[0]) } == .done
        unlink(path)
        unlink(path + ".lock")
        return wasSetUp
    }

    // MARK: Starts

    /// Waits until a command may start: so long after the last one of all nodes.
    ///
    /// Nodes take turns, by their clocks: of three nodes, each may start a command in every third
    /// delay. Within a node, the clock counts that nobody can set: a command would wait for as long
    /// as another one was set back.
    ///
    /// - Parameters:
    ///   - delay: the time between two starts.
    ///   - node: the node's number among those that have workers, from 0.
    ///   - count: how many there are.
    func waitForTurn(_ delay: Duration, node: Int, of count: Int) async throws {
        try state.lock(LOCK_EX)
        let now = Self.time(CLOCK_MONOTONIC)
        let start: Int
        do {
            defer { try? state.lock(LOCK_UN) }
            start = Self.turn(
                after: try lastStart(),
                now: now,
                delay: max(1, delay.nanoseconds),
                node: node,
                of: count,
                dayAhead: Self.time(CLOCK_REALTIME) - now
            )
            try write(lastStart: start)
        }
        if start > now { try await Task.sleep(for: .nanoseconds(start - now)) }
    }

    /// A clock's time, in nanoseconds.
    private static func time(_ clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// When the next command may start, in nanoseconds of the clock that counts.
    ///
    /// - Parameter dayAhead: how far the clock that tells the time of day is ahead of that one.
    static func turn(
        after last: Int,
        now: Int,
        delay: Int,
        node: Int,
        of count: Int,
        dayAhead: Int
    ) -> Int {
        // What an earlier life of the machine has left must not stop the node.
        let (period, overflow) = delay.multipliedReportingOverflow(by: max(1, count))
        guard !overflow, period < 1 << 60 else { return now }
        let earliest = last - now > 2 * period + 3_600_000_000_000 ? now : max(now, last + period)
        guard count > 1 else { return earliest }
        let rest = (earliest + dayAhead - node * delay) % period
        return rest == 0 ? earliest : earliest + period - rest
    }

    // MARK: The state

    private func read() throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.size)
        _ = try state.read(into: &bytes, at: 0)
        return bytes
    }

    private func lastStart() throws(FileError) -> Int {
        try read().withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 1, as: Int.self) }
    }

    private func write(setup: Setup? = nil, lastStart: Int? = nil) throws {
        var bytes = try read()
        if let setup { bytes[0] = setup.rawValue }
        if let lastStart {
            bytes.withUnsafeMutableBytes {
                $0.storeBytes(of: lastStart, toByteOffset: 1, as: Int.self)
            }
        }
        try state.write(bytes, at: 0)
    }
}
