import Foundation
import FurrowSystem
import Glibc
import TestSupport
import Testing

@testable import FurrowRuns

@Suite struct DurabilityTests {
    private let folder: Scratch

    init() throws { folder = try Scratch() }

    @Test func foldersAreMadeWhereTheyAreMissing() throws {
        for path in ["a/b/c", "a/b/c", "a/x"] {
            try Durability.makeFolders(folder.path + "/" + path)
            #expect(FileManager.default.fileExists(atPath: folder.path + "/" + path))
        }
        try Durability.makeFolders(folder.path + "/d/e", folder.path + "/d/f", folder.path + "/a")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/d")
        #expect(names.sorted() == ["e", "f"])
    }

    @Test func aFileInTheWayIsNamed() throws {
        try folder.write("", to: "file")
        let error = #expect(throws: FileError.self) {
            try Durability.makeFolders(folder.path + "/file/below")
        }
        #expect(error == FileError(folder.path + "/file/below", code: ENOTDIR))
    }

    @Test(arguments: [true, false])
    func aFileIsReplacedWhole(isDurable: Bool) throws {
        let path = folder.path + "/f"
        for text in ["one", "", String(repeating: "x", count: 100_000)] {
            try AtomicFile.write(Array(text.utf8), to: path, isDurable: isDurable)
            #expect(try folder.text("f") == text)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["f"])
    }

    @Test func whatCannotBeWrittenLeavesNothing() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/f/below",
            withIntermediateDirectories: true
        )
        let error = #expect(throws: FileError.self) {
            try AtomicFile.write([1], to: folder.path + "/f")
        }
        #expect(error?.path == folder.path + "/f")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["f"])
        #expect(throws: FileError.self) {
            try AtomicFile.write([1], to: folder.path + "/nowhere/f")
        }
    }
}

@Suite struct RunRecordTests {
    private let folder: Scratch

    init() throws {
        folder = try Scratch()
        try RunRecord(
            submitted: "run",
            stages: ["a"],
            schedule: "dynamic",
            onFailure: "abort"
        ).write(to: folder.path)
    }

    @Test func aWholeOneIsRead() throws {
        #expect(try RunRecord(of: folder.path).name == "run")
        #expect(try RunRecord.earlierStarts(of: folder.path) == RunRecord(of: folder.path).starts)
    }

    @Test(arguments: ["", "\0\0", "{", "{}", "[]", "\u{1}"])
    func aDamagedOneIsNamedWithWhatToDo(text: String) throws {
        try folder.write(text, to: "run.json")
        let error = #expect(throws: InputError.self) { try RunRecord(of: folder.path) }
        #expect(error?.description.hasPrefix("\(folder.path)/run.json is ") == true)
        #expect(error?.description.contains("--resume") == true)
        #expect(error?.description.contains("Decoding") == false)
        // Its last change is all that is left of when the run began.
        let starts = try RunRecord.earlierStarts(of: folder.path)
        #expect(starts.count == 1 && abs(starts[0] - StateFile.now) < 60)
        #expect(try RunRecord.starts(of: folder.path) == (0, starts[0]))
    }

    @Test func oneCutShortAnywhereIsDamaged() throws {
        let whole = try folder.text("run.json")
        for length in 0..<whole.utf8.count {
            try folder.write(String(whole.prefix(length)), to: "run.json")
            #expect(throws: InputError.self) { try RunRecord(of: folder.path) }
        }
    }

    @Test func aMissingOneIsNamedToo() throws {
        unlink(folder.path + "/run.json")
        let error = #expect(throws: InputError.self) { try RunRecord(of: folder.path) }
        #expect(error?.description.hasPrefix("\(folder.path)/run.json is missing") == true)
        #expect(try RunRecord.earlierStarts(of: folder.path) == [])
    }

    /// Nothing is known of it, and it must not be replaced.
    @Test func oneThatCannotBeReadIsNoDamagedOne() throws {
        let path = folder.path + "/run.json"
        unlink(path)
        #expect(symlink(path, path) == 0)
        #expect(throws: FileError(path, code: ELOOP)) { try RunRecord(of: folder.path) }
        #expect(throws: FileError(path, code: ELOOP)) {
            try RunRecord.earlierStarts(of: folder.path)
        }
    }

    @Test func aRunIsKnownByItsJournalToo() throws {
        #expect(try RunFinder.isRun(folder.path))
        unlink(folder.path + "/run.json")
        #expect(try !RunFinder.isRun(folder.path))
        let below = try Scratch(with: "journal")
        #expect(try !RunFinder.isRun(below.path))
        try below.write("", to: "journal/worker-0001.jsonl")
        #expect(try RunFinder.isRun(below.path))
    }

    @Test func aStateThatIsLostIsNone() throws {
        #expect(try RunState(of: folder.path) == nil)
        for text in ["", "\0", "{"] {
            try folder.write(text, to: "state.json")
            #expect(try RunState(of: folder.path) == nil)
        }
    }
}
