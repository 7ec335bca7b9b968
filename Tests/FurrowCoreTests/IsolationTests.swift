import FurrowRuns
import FurrowSystem
import Glibc
import MPI
import Synchronization
import Testing

@testable import FurrowCore

/// A ring in this process's memory.
private final class Memory: @unchecked Sendable {
    let ring: Ring
    private let memory: UnsafeMutableRawPointer

    init(capacity: Int) {
        memory = .allocate(byteCount: Ring.headerSize + capacity, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: Ring.headerSize + capacity)
        ring = Ring(header: memory, data: memory + Ring.headerSize, capacity: capacity)
    }

    deinit { memory.deallocate() }
}

/// What a rank and the process of its jobs share.
@Suite(.timeLimit(.minutes(1)))
struct IsolationTests {
    private func whole(_ count: Int, _ seed: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ seed) }
    }

    @Test func messagesComeOutAsTheyWentIn() {
        let memory = Memory(capacity: 256)
        var reader = RingReader(memory.ring)
        var bytes: [UInt8] = []
        #expect(reader.next(into: &bytes) == nil)
        // Of all lengths, so that they meet the end of the memory everywhere.
        for number in 0..<500 {
            let message = whole(number % 48, number)
            #expect(
                memory.ring.add(JobMessage.result.rawValue, number, message[...]) == message.count
            )
            let told = reader.next(into: &bytes)
            #expect(told?.kind == .result && told?.number == number && bytes == message)
        }
        #expect(reader.next(into: &bytes) == nil)
    }

    /// A rank that is a stage ahead must not be overheard: its process would wait for ever.
    @Test func theBeginningOfALaterStageIsKept() {
        let memory = Memory(capacity: 4096)
        func say(_ kind: JobMessage, _ number: Int = 0, _ bytes: [UInt8] = []) {
            #expect(memory.ring.add(kind.rawValue, number, bytes[...]) == bytes.count)
        }
        var orders = StageOrders(RingReader(memory.ring))
        var bytes: [UInt8] = []
        #expect(orders.start(of: 1) == nil)
        say(.begin, 1, [1])
        say(.deal, 0, [11])
        #expect(orders.start(of: 1) == [1])
        #expect(orders.next(into: &bytes) == .deal && bytes == [11])
        #expect(orders.next(into: &bytes) == nil)
        // The process is in the first stage, and then in the second, of which the rank told nothing.
        say(.stop)
        say(.begin, 3, [3])
        say(.deal, 0, [33])
        for _ in 1...2 {
            #expect(orders.start(of: 1) == nil)
            #expect(orders.start(of: 2) == nil)
        }
        #expect(orders.start(of: 3) == [3])
        #expect(orders.next(into: &bytes) == .deal && bytes == [33])
        #expect(orders.start(of: 3) == nil)
        // The process has caught up with a stage behind one that it had jobs for.
        say(.begin, 4, [4])
        say(.deal, 0, [44])
        say(.begin, 5, [5])
        #expect(orders.start(of: 3) == nil)
        #expect(orders.start(of: 5) == [5])
        #expect(orders.next(into: &bytes) == nil)
    }

    @Test func aFullRingTakesNothing() {
        let memory = Memory(capacity: 256)
        var added = 0
        while memory.ring.add(JobMessage.deal.rawValue, added, whole(16, added)[...]) != nil {
            added += 1
        }
        #expect(added == 8)
        var reader = RingReader(memory.ring)
        var bytes: [UInt8] = []
        for number in 0..<added {
            #expect(reader.next(into: &bytes)?.number == number)
            #expect(bytes == whole(16, number))
        }
        #expect(memory.ring.add(JobMessage.deal.rawValue, 0, [1]) == 1)
    }

    /// As between two processes: one adds while the other takes, and most messages are longer than
    /// the memory.
    @Test func longMessagesTravelInPieces() async {
        let memory = Memory(capacity: 1024)
        let count = 200
        let writer = Task.detached { [self] in
            for number in 0..<count {
                var rest = whole(number * 37, number)[...]
                while true {
                    if let added = memory.ring.add(JobMessage.sum.rawValue, number, rest) {
                        if added == rest.count { break }
                        rest = rest.dropFirst(added)
                    } else {
                        await Task.yield()
                    }
                }
            }
        }
        var reader = RingReader(memory.ring)
        var bytes: [UInt8] = []
        for number in 0..<count {
            while true {
                if let (kind, told) = reader.next(into: &bytes) {
                    #expect(kind == .sum && told == number && bytes == whole(number * 37, number))
                    break
                }
                await Task.yield()
            }
        }
        await writer.value
    }

    @Test func aLogIsReadFromItsBeginning() throws {
        let log = try StageLog()
        let reading = StageLog(reading: dup(log.file.number))
        var position = 0
        #expect(reading.entry(at: &position) == nil)
        try log.append(.collective, whole(100_000, 1))
        try log.append(.stageEnd, [])
        for _ in 0..<2 {
            position = 0
            let first = reading.entry(at: &position)
            #expect(first?.kind == .collective && first?.bytes == whole(100_000, 1))
            let second = reading.entry(at: &position)
            #expect(second?.kind == .stageEnd && second?.bytes == [])
            #expect(reading.entry(at: &position) == nil)
        }
        try log.append(.place, [7])
        #expect(reading.entry(at: &position)?.bytes == [7])
    }

    @Test func anEndNamesSignalOrStatusAndTheLastWords() {
        let killed = JobProcessEnd(status: SIGSEGV, errors: Array("a\nb\n".utf8))
        #expect(killed.reason == "was killed by signal 11 (SIGSEGV)")
        #expect(
            killed.description
                == "the process of its worker's jobs was killed by signal 11 (SIGSEGV)\n"
                + "    | a\n    | b"
        )
        #expect(JobProcessEnd(status: 3 << 8, errors: []).reason == "exited with status 3")
        let lines = (1...9).map { "line \($0)\n" }.joined()
        #expect(
            JobProcessEnd(status: 0, errors: Array(lines.utf8)).description
                .split(separator: "\n").dropFirst().map { String($0) }
                == (5...9).map { "    | line \($0)" }
        )
        let trap = "before\nmain/a.swift:3: Fatal error: too late\nCurrent stack trace:\n0  libc\n"
        #expect(
            JobProcessEnd(status: SIGILL, errors: Array(trap.utf8)).description
                .split(separator: "\n").dropFirst() == [
                    "    | main/a.swift:3: Fatal error: too late"
                ]
        )
    }

    @Test func aRankSeesWhatItsProcessRan() {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: JobBoard.size, alignment: 8)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: JobBoard.size)
        let board = JobBoard(at: memory)
        let mark = JobMark(
            of: StageIdentity(unique: "seen"),
            at: "here",
            in: nil,
            rank: 1,
            board: board
        )
        #expect(board.running == nil)
        mark.begin(41)
        #expect(board.running.map { [$0.number, $0.attempt, Int($0.start)] } == [41, 1, 0])
        mark.note(attempt: 2)
        mark.note(JobIdentity(hash: 5), start: 7, parameters: "{}")
        #expect(board.running.map { [$0.number, $0.attempt, Int($0.start)] } == [41, 2, 7])
        mark.end()
        #expect(board.running == nil)
    }
}
