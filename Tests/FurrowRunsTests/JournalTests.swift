import Foundation
import FurrowSystem
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import FurrowRuns

@Suite struct JobIdentityTests {
    /// What the hash was before the last bytes went in: a step can be undone, as the prime is odd.
    private func undo(_ hash: UInt128, _ bytes: [UInt8]) -> UInt128 {
        let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013b
        var inverse: UInt128 = 1
        for _ in 0..<8 { inverse = inverse &* (2 &- prime &* inverse) }
        return bytes.reversed().reduce(hash) { ($0 &* inverse) ^ UInt128($1) }
    }

    /// From `draft-eastlake-fnv` and the test vectors that its authors publish.
    @Test(arguments: [
        ("", 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d as UInt128),
        ("a", 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964),
        ("foobar", 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18),
    ])
    func itIsTheHashThatIsPublished(text: String, hash: UInt128) {
        let suffix = [UInt8](repeating: 0, count: 10)
        #expect(undo(JobIdentity(stage: text, canonical: []).hash, suffix) == hash)
    }

    @Test func itIsTheSameInEveryVersion() throws {
        let identity = JobIdentity(stage: "point", canonical: Array(#"{"x":1}"#.utf8))
        #expect(identity.description == "4b99fb13adbf80dd125a24c79277ecf8")
        let second = JobIdentity(
            stage: "point",
            canonical: Array(#"{"x":1}"#.utf8),
            occurrence: 1
        )
        #expect(second.description == "8f13298045bf80e2539b784855fbe0d9")
    }

    @Test func stageParametersAndOccurrenceMatter() {
        var seen: Set<JobIdentity> = []
        for stage in ["a", "b", "ab", ""] {
            for canonical in ["", "a", "b", "bb"] {
                for occurrence in [0, 1, 256, Int(UInt32.max) + 1] {
                    seen.insert(
                        JobIdentity(
                            stage: stage,
                            canonical: Array(canonical.utf8),
                            occurrence: occurrence
                        )
                    )
                }
            }
        }
        #expect(seen.count == 64)
    }

    @Test(arguments: [0, 1, UInt128.max, 1 << 64, 0xff])
    func itSurvivesItsText(hash: UInt128) throws {
        let identity = JobIdentity(hash: hash)
        #expect(identity.description.count == 32)
        let data = try JSONEncoder.journal.encode(identity)
        #expect(try JSONDecoder.journal.decode(JobIdentity.self, from: data) == identity)
    }

    @Test(arguments: [
        "", "1", String(repeating: "g", count: 32), String(repeating: "0", count: 33),
    ])
    func otherTextIsNone(text: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder.journal.decode(JobIdentity.self, from: Data("\"\(text)\"".utf8))
        }
    }

}

@Suite struct JournalWriterTests {
    private let folder: Scratch
    private let file = "journal/worker-0003.jsonl"

    init() throws { folder = try Scratch(with: "journal") }

    private var writer: JournalWriter { JournalWriter(in: folder.path, rank: 3) }

    @Test func aFileIsMadeWithItsFirstLine() throws {
        let writer = writer
        try writer.close()
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/" + file))
        try writer.append(Array("one\n".utf8), after: .zero)
        // Before it is closed or synced: a killed process loses nothing.
        #expect(try folder.text(file) == "one\n")
    }

    @Test func manyFilesHaveNamesOfTheirOwn() {
        #expect(JournalWriter(in: "d", rank: 0).path == "d/journal/worker-0000.jsonl")
        #expect(JournalWriter(in: "d", rank: 12_345).path == "d/journal/worker-12345.jsonl")
    }

    /// What a line speaks of is on disk before the line is, or the line counts for nothing.
    @Test func whatALineSpeaksOfIsSyncedBeforeIt() throws {
        let calls = Mutex(0)
        let writer = JournalWriter(in: folder.path, rank: 3) { () throws(FileError) in
            let count = calls.withLock {
                $0 += 1
                return $0
            }
            if count == 3 { throw FileError("output", code: ENOSPC) }
        }
        try writer.append(Array("long\n".utf8), after: .seconds(1))
        #expect(calls.withLock { $0 } == 1)
        try writer.append(Array("short\n".utf8), after: .milliseconds(1))
        #expect(calls.withLock { $0 } == 1)
        try writer.close()
        #expect(calls.withLock { $0 } == 2)
        #expect(throws: FileError("output", code: ENOSPC)) {
            try writer.append(Array("lost\n".utf8), after: .seconds(1))
        }
    }

    @Test func aLineAfterClosingIsAdded() throws {
        let writer = writer
        for text in ["one\n", "two\n", "three\n"] {
            try writer.append(Array(text.utf8), after: .seconds(2))
            try writer.close()
            try writer.close()
        }
        #expect(try folder.text(file) == "one\ntwo\nthree\n")
    }

    @Test func aTornLineDoesNotSwallowTheNext() throws {
        try folder.write("one\ntw", to: file)
        try writer.append(Array("three\n".utf8), after: .zero)
        #expect(try folder.text(file) == "one\ntw\nthree\n")
        try writer.append(Array("four\n".utf8), after: .zero)
        #expect(try folder.text(file) == "one\ntw\nthree\nfour\n")
    }

    @Test func linesOfManyThreadsStayWhole() async throws {
        let writer = writer
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<32 {
                group.addTask {
                    let line = Array((String(repeating: "\(number),", count: 500) + "\n").utf8)
                    for _ in 0..<20 { try? writer.append(line, after: .zero) }
                }
            }
        }
        try writer.close()
        let lines = try folder.text(file).split(separator: "\n")
        #expect(lines.count == 640)
        for line in lines { #expect(Set(line.split(separator: ",")).count == 1) }
    }

    @Test func aFullDiskIsAnErrorThatNamesTheFile() throws {
        let path = folder.path + "/" + file
        try FileManager.default.createSymbolicLink(
            atPath: path,
            withDestinationPath: "/dev/full"
        )
        let error = #expect(throws: FileError.self) {
            try writer.append(Array("one\n".utf8), after: .zero)
        }
        #expect(error?.path == path)
        #expect(error?.code == ENOSPC)
        #expect(error?.description.contains("No space left on device") == true)
    }

    @Test func aMissingDirectoryIsAnError() throws {
        let writer = JournalWriter(in: folder.path + "/nowhere", rank: 1)
        let error = #expect(throws: FileError.self) {
            try writer.append(Array("one\n".utf8), after: .zero)
        }
        #expect(error?.code == ENOENT)
    }

    @Test(.enabled(if: SmallDisk.canBeMade, "this user may not mount a small file system"))
    func aLineIsWholeAfterADiskWasFull() throws {
        let folder = try Scratch(with: "disk")
        let disk = try SmallDisk(at: folder.path + "/disk", bytes: 64 << 10)
        defer { disk.unmount() }
        mkdir(folder.path + "/disk/journal", 0o777)
        let writer = JournalWriter(in: folder.path + "/disk", rank: 1)
        let long = Array((String(repeating: "x", count: 9_999) + "\n").utf8)
        var written = 0
        let error = #expect(throws: FileError.self) {
            while written < 100 {
                try writer.append(long, after: .zero)
                written += 1
            }
        }
        #expect(error?.code == ENOSPC)
        #expect(written > 0)
        try disk.grow(to: 1 << 20)
        try writer.append(Array("next\n".utf8), after: .zero)
        try writer.close()
        let text = try folder.text("disk/journal/worker-0001.jsonl")
        let lines = text.split(separator: "\n")
        #expect(lines.count == written + 2)
        #expect(lines.last == "next", "the line went into the torn one")
    }
}

@Suite struct JournalIndexTests {
    private let folder: Scratch

    init() throws { folder = try Scratch(with: "journal") }

    private func index(_ files: String...) throws -> JournalIndex {
        for (number, text) in files.enumerated() {
            try folder.write(text, to: "journal/worker-000\(number).jsonl")
        }
        return try JournalIndex(of: folder.path)
    }

    @Test func nothingIsNothing() throws {
        #expect(try JournalIndex(of: "/nowhere").entries.isEmpty)
        #expect(try index().entries.isEmpty)
        let empty = try index("", "\n\n", "")
        #expect(empty.entries.isEmpty)
        #expect(empty.damaged.isEmpty)
    }

    @Test func otherFilesAreNoJournal() throws {
        try folder.write("no json\n", to: "journal/worker-0001.jsonl.new")
        #expect(try index(try line(record(1))).damaged.isEmpty)
    }

    @Test func theLastWordIsSuccessThenTheLatest() throws {
        let states: [([(JournalRecord.State, Double)], JournalRecord.State, Double)] = [
            ([(.succeeded, 1), (.failed, 2)], .succeeded, 1),
            ([(.failed, 2), (.succeeded, 1)], .succeeded, 1),
            ([(.failed, 2), (.cancelled, 3)], .cancelled, 3),
            ([(.cancelled, 3), (.failed, 2)], .cancelled, 3),
            ([(.failed, 2), (.failed, 2)], .failed, 2),
            ([(.succeeded, 1), (.succeeded, 5), (.succeeded, 3)], .succeeded, 5),
        ]
        for (attempts, state, start) in states {
            let lines = try attempts.map { try line(record(1, $0.0, start: $0.1)) }
            // In one file, and each in one of its own.
            for index in [try index(lines.joined()), try index(lines[0], lines[1])] {
                let expected = lines.count == 3 && index.files.count == 2 ? 5 : start
                #expect(index.entries.count == 1)
                #expect(index.entries.values.first?.state == state)
                #expect(index.entries.values.first?.start == expected)
            }
            try folder.write("", to: "journal/worker-0001.jsonl")
        }
    }

    @Test func aTornLastLineIsDropped() throws {
        let whole = try line(record(1)) + (try line(record(2)))
        // Wherever the writer was killed.
        for length in 0...whole.utf8.count {
            let index = try index(String(whole.prefix(length)))
            #expect(index.damaged.isEmpty, "at byte \(length)")
            #expect(index.entries.count == whole.prefix(length).count { $0 == "\n" })
        }
    }

    @Test(arguments: [
        "x", "{", "{}", "null", "[1]", #"{"id":"#, #"{"stage":"a","state":"succeeded","start":1}"#,
        #"{"id":"00","stage":"a","state":"succeeded","start":1}"#,
        #"{"id":"00000000000000000000000000000000","stage":"a","state":"odd","start":1}"#,
        #"{"id":"00000000000000000000000000000000","stage":"a","state":"failed","start":"x"}"#,
        "\u{0}\u{0}\u{0}\u{0}",
    ])
    func aDamagedLineIsNamed(damage: String) throws {
        let index = try index(
            try line(record(1)) + damage + "\n" + (try line(record(2))),
            try line(record(3)) + (try line(record(4)))
        )
        #expect(index.entries.count == 4)
        #expect(index.damaged == [folder.path + "/journal/worker-0000.jsonl:2"])
    }

    @Test func aLineCutShortAnywhereIsNoRecord() throws {
        let whole = String(try line(record(1)).dropLast())
        for length in 1..<whole.count {
            let index = try index(whole.prefix(length) + "\n")
            #expect(index.entries.isEmpty, "at byte \(length)")
            #expect(index.damaged.count == 1)
        }
    }

    @Test func aRecordSurvivesItsLine() throws {
        var record = try record(7, .failed, start: 1_700_000_000.123_456_7)
        record.message = "a \"b\" \\ \n \u{0}\u{7f}\u{2028} é👩‍👩‍👧‍👦 /"
        record.stage = "\u{1}\"}{,:"
        record.device = "CUDA_VISIBLE_DEVICES=1"
        record.duration = 1e-7
        let text = try line(record, result: #"{"a":[1,2]}"#)
        #expect(text.contains(#","parameters":{"x":1},"result":{"a":[1,2]},"checksum":"#))
        #expect(text.hasSuffix("}\n"))
        #expect(text.count { $0 == "\n" } == 1)
        let index = try index(text)
        let entry = try #require(index.entries[record.id])
        #expect(entry.start == record.start)
        let read = try JournalReader(index).decode(JournalRecord.self, at: entry)
        #expect(read.message == record.message)
        #expect(read.job == 8 && read.attempt == 1 && read.taskID == 2 && read.rank == 3)
        #expect(read.duration == 1e-7 && read.device == record.device && read.state == .failed)
        #expect(!(try line(record, result: nil)).contains("result"))
    }

    @Test func namesInsideParametersAndResultsDoNotMislead() throws {
        let inner = #"{"id":"x","stage":"z","start":"never","state":"odd","result":3}"#
        let record = try record(1)
        let text = String(
            decoding: try record.line(parameters: inner, result: inner),
            as: UTF8.self
        )
        let index = try index(text)
        #expect(index.damaged.isEmpty)
        #expect(index.entries[record.id]?.start == record.start)
    }

    /// Rank 0 may open a thousand files, and there may be more workers.
    @Test func fewFilesAreOpenHoweverManyThereAre() throws {
        var ids: [JobIdentity] = []
        for number in 0..<3000 {
            let record = try record(number)
            ids.append(record.id)
            try folder.write(try line(record), to: "journal/worker-\(number).jsonl")
        }
        let index = try JournalIndex(of: folder.path)
        #expect(index.files.count == 3000 && index.entries.count == 3000)
        #expect(try openFiles() == 0)
        do {
            let reader = JournalReader(index, capacity: 5)
            var most = 0
            // Each as often, in the order of none of the files.
            for turn in 0..<6000 {
                let entry = try #require(index.entries[ids[turn * 7 % 3000]])
                #expect(try reader.decode(JournalRecord.self, at: entry).job == turn * 7 % 3000 + 1)
                if turn % 100 == 0 { most = max(most, try openFiles()) }
            }
            #expect(most == 5)
        }
        #expect(try openFiles() == 0)
        let reader = JournalReader(index)
        for entry in index.entries.values { _ = try reader.decode(JournalRecord.self, at: entry) }
        #expect((1...64).contains(try openFiles()))
    }

    /// How many of the journal's files this process has open.
    private func openFiles() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            let path = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/fd/\($0)"
            )
            return path?.hasPrefix(folder.path + "/") == true
        }
    }

    @Test func aLineThatIsDamagedLaterIsNamed() throws {
        let text = try line(record(1)) + line(record(2))
        let index = try index(text)
        let place = text.utf8.count / 2
        try folder.write(String(text.prefix(place)), to: "journal/worker-0000.jsonl")
        let entry = try #require(index.entries[try record(2).id])
        let error = #expect(throws: JournalReader.DamagedLine.self) {
            try JournalReader(index).decode(JournalRecord.self, at: entry)
        }
        #expect(error?.path == folder.path + "/journal/worker-0000.jsonl")
        #expect(error?.offset == place)
    }

    @Test func aHundredThousandLines() throws {
        // One line of which the job's identity changes: to encode as many takes ten times as long.
        let whole = try line(record(0))
        let end = try #require(whole.range(of: #","checksum":"#))
        let parts = whole[..<end.lowerBound].components(separatedBy: try record(0).id.description)
        try #require(parts.count == 2)
        var text = ""
        for number in 0..<100_000 {
            let digits = String(number, radix: 16)
            var line =
                parts[0] + String(repeating: "0", count: 32 - digits.count) + digits + parts[1]
            let checksum = line.withUTF8 { JournalLine.checksum(of: UnsafeRawBufferPointer($0)) }
            text += line + whole[end] + "\(checksum)}\n"
        }
        try folder.write(text, to: "journal/worker-0000.jsonl")
        let before = residentBytes()
        let clock = ContinuousClock.now
        let index = try JournalIndex(of: folder.path)
        let seconds = (ContinuousClock.now - clock) / .seconds(1)
        print("JournalIndex: \(Int(seconds * 1e4)) ns a line")
        #expect(index.entries.count == 100_000)
        #expect(index.damaged.isEmpty)
        #expect(residentBytes() - before < text.utf8.count + 100_000 * 400)
        // Without optimisation, on a busy machine.
        #expect(seconds < 60)
    }

    private func residentBytes() -> Int {
        let fields = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = fields?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (pages ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    }
}
