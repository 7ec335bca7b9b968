import Foundation
import Furrow
import FurrowSystem
import TestSupport
import Testing

@testable import FurrowCommands

/// A run's directory with a folder for output.
private final class RunFolder: Sendable {
    private let scratch: Scratch
    var path: String { scratch.path }

    init() throws { scratch = try Scratch(with: "output") }

    /// A new start of the run.
    func start() throws -> OutputFolder {
        let folder = try OutputFolder(startingIn: path)
        try folder.makeRunningFolder()
        return folder
    }

    /// Lets a command of a worker write a text.
    func write(_ text: String, to output: WorkerOutput) throws -> OutputRange {
        let file = try #require(FileHandle(forWritingAtPath: output.out.running))
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
        return try output.out.move(known: [])
    }
}

@Suite struct WorkerOutputTests {
    @Test func aStartNeverWritesToAnotherStartsFiles() throws {
        let run = try RunFolder()
        let first = try run.start()
        #expect(first.start == 1)
        #expect(first.path(rank: 3, .out) == "\(run.path)/output/worker-0003.out")
        _ = try WorkerOutput(in: first, rank: 3)
        let second = try run.start()
        #expect(second.path(rank: 3, .err) == "\(run.path)/output/worker-0003.2.err")
        _ = try WorkerOutput(in: second, rank: 0)
        #expect(try run.start().start == 3)
    }

    @Test func aPlaceIsBelievedOnlyWhileTheFileHoldsIt() throws {
        let run = try RunFolder()
        let folder = try run.start()
        let output = try WorkerOutput(in: folder, rank: 1)
        let path = folder.path(rank: 1, .out)
        let first = try run.write("first\n", to: output)
        let second = try run.write("the second\n", to: output)
        try output.sync()
        for place in [first, second] { _ = try RecordedOutput(at: place, in: path) }
        var other = second
        other.offset -= 1
        #expect(throws: RecordedOutput.Gone.self) { try RecordedOutput(at: other, in: path) }
        // As version 0.1 wrote it.
        other.checksum = nil
        _ = try RecordedOutput(at: other, in: path)
        for (offset, length) in [(7, 11), (.max, 1), (0, .max), (0, -1), (-1, 3)] {
            let place = OutputRange(offset: offset, length: length)
            #expect(throws: RecordedOutput.Gone.self, "\(place)") {
                try RecordedOutput(at: place, in: path)
            }
        }
        // A gap, as a file has that was not on disk when the power failed.
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.truncate(atOffset: 3)
        try file.truncate(atOffset: 17)
        for place in [first, second] {
            #expect(throws: RecordedOutput.Gone.self) { try RecordedOutput(at: place, in: path) }
        }
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: RecordedOutput.Gone.self) { try RecordedOutput(at: first, in: path) }
        // What wrote nothing has nothing to lose.
        _ = try RecordedOutput(at: OutputRange(offset: 9, length: 0), in: path)
    }

    /// Whoever has opened the file of a job reads that job's output, whatever runs next.
    @Test func aFileWithTheNameOfAJobIsNoOtherJobs() throws {
        let run = try RunFolder()
        let folder = try run.start()
        let output = try WorkerOutput(in: folder, rank: 1)
        let attempt = RunningAttempt(stage: 1, job: 12, attempt: 2, rank: 1)
        let names = output.names(of: attempt)
        #expect(try folder.newestAttempt(stage: 1, job: 12) == nil)
        try FileManager.default.moveItem(atPath: output.out.running, toPath: names[0])
        #expect(try folder.newestAttempt(stage: 1, job: 12) == attempt)
        // Another rank may run the same attempt.
        var other = attempt
        other.rank = 2
        #expect(folder.path(running: other, .out) != names[0])
        #expect(try folder.newestAttempt(stage: 1, job: 1) == nil)
        #expect(try folder.newestAttempt(stage: 2, job: 12) == nil)
        let reader = try #require(FileHandle(forReadingAtPath: names[0]))
        try Data("twelve\n".utf8).write(to: URL(fileURLWithPath: names[0]))
        let place = try output.out.move(known: names)
        #expect(place.length == 7)
        #expect(FileManager.default.fileExists(atPath: names[0]))
        try output.renew()
        #expect(!FileManager.default.fileExists(atPath: names[0]))
        let next = try run.write("thirteen\n", to: output)
        #expect(next.offset == 7)
        #expect(try reader.readToEnd() == Data("twelve\n".utf8))
        output.close()
        folder.removeRunningFolder()
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(run.path)/output").sorted()
                == ["worker-0001.err", "worker-0001.out"]
        )
    }

    @Test func whatAKilledStartLeftIsRemovedByTheNext() throws {
        let run = try RunFolder()
        let old = try run.start()
        _ = try WorkerOutput(in: old, rank: 1)
        let path = "\(run.path)/output/worker-0002.out.running"
        try Data("old".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try OutputFolder(runningIn: run.path)?.start == 1)
        let new = try run.start()
        #expect(new.start == 2)
        #expect(try OutputFolder(runningIn: run.path)?.start == 2)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(!FileManager.default.fileExists(atPath: old.runningPath(rank: 1, .out)))
        #expect(FileManager.default.fileExists(atPath: old.path(rank: 1, .out)))
    }

    @Test func aChecksumDependsOnEveryByteAndOnNoPiece() {
        func checksum(_ pieces: [[UInt8]]) -> UInt64 {
            var checksum = Checksum()
            for piece in pieces { piece.withUnsafeBytes { checksum.add($0) } }
            return checksum.value
        }
        let bytes = (0..<61).map { UInt8($0 * 37 % 251) }
        let whole = checksum([bytes])
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]]
                #expect(checksum(pieces.map { Array($0) }) == whole, "\(first), \(second)")
            }
        }
        var seen: Set = [whole]
        for place in bytes.indices {
            for bit in 0..<8 {
                var other = bytes
                other[place] ^= 1 << bit
                seen.insert(checksum([other]))
            }
        }
        for count in 0...40 { seen.insert(checksum([[UInt8](repeating: 0, count: count)])) }
        #expect(seen.count == 1 + bytes.count * 8 + 41)
    }
}
