import Foundation
import FurrowSystem
import TestSupport
import Testing

@testable import FurrowRuns

@Suite struct RunDirectoryTests {
    @Test func itIsMadeWhenAPathIsAskedFor() throws {
        let scratch = try Scratch()
        let directory = RunDirectory(under: scratch.path + "/deep/runs", name: "sweep")
        #expect(try scratch.contents().isEmpty)
        let path = try directory.path(of: "results.csv")
        #expect(path.hasSuffix("/results.csv"))
        #expect(try directory.path(of: "other").hasSuffix("/other"))
        let runs = try scratch.contents("deep/runs/sweep")
        #expect(runs.count == 2)
        #expect(runs.last == "latest")
        #expect(runs[0].contains(/^\d{4}-\d\d-\d\dT\d{6}$/))
        try Data("x".utf8).write(to: URL(fileURLWithPath: path))
        let latest = scratch.path + "/deep/runs/sweep/latest"
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: latest) == runs[0])
        #expect(FileManager.default.fileExists(atPath: latest + "/results.csv"))
    }

    /// In autumn one hour comes twice.
    @Test func theNewestBeganLastWhateverItsName() throws {
        let scratch = try Scratch()
        let names = ["2026-10-25T025900", "2026-10-25T020100", "2026-10-25T021500", "1234"]
        for (number, name) in names.enumerated() {
            let start = Double(1000 * (number + 1))
            // The first was resumed after the others had begun.
            try MadeUpRun("runs/s/\(name)", in: scratch)
                .write(starts: number == 0 ? [start, 9000] : [start])
        }
        let runs = scratch.path + "/runs"
        #expect(try RunFinder.find("s", under: runs) == "\(runs)/s/1234")
        #expect(
            try RunFinder.all(under: runs).map(\.nameOfPath)
                == [1, 2, 3, 0].map { names[$0] }
        )
    }

    /// Or the one before it would be resumed.
    @Test func aRunThatCannotBeLookedAtIsNotPassedOver() throws {
        let scratch = try Scratch()
        try MadeUpRun("runs/s/1", in: scratch).write(starts: [1000])
        try Durability.makeFolders(scratch.path + "/runs/s/2")
        let runs = scratch.path + "/runs"
        #expect(try RunFinder.find("s", under: runs) == "\(runs)/s/1")
        let record = "\(runs)/s/2/run.json"
        symlink(record, record)
        #expect(throws: FileError(record, code: ELOOP)) { try RunFinder.find("s", under: runs) }
    }

    @Test func runsOfOneSecondAreKeptApart() throws {
        let scratch = try Scratch()
        // More than two, so that some begin within one second whenever this runs.
        let paths = try (0..<5).map { _ in
            try RunDirectory(under: scratch.path, name: "run").path(of: "f")
        }
        #expect(Set(paths).count == 5)
        let latest = try FileManager.default.destinationOfSymbolicLink(
            atPath: scratch.path + "/run/latest"
        )
        #expect(paths[4] == "\(scratch.path)/run/\(latest)/f")
        #expect(try scratch.contents("run").count == 6)
    }

    @Test(arguments: ["", "/a", "/a/b/c"])
    func aProbeLeavesNothingBehind(below: String) throws {
        let scratch = try Scratch()
        try RunDirectory(under: scratch.path + below, name: "run").probe()
        #expect(try scratch.contents().isEmpty)
    }

    @Test func aProbeLeavesWhatWasThere() throws {
        let scratch = try Scratch()
        _ = try RunDirectory(under: scratch.path, name: "run").path(of: "f")
        let before = try scratch.contents("run")
        try RunDirectory(under: scratch.path, name: "run").probe()
        #expect(try scratch.contents("run") == before)
    }

    @Test func aFileInTheWayIsFoundBeforeAnythingRuns() throws {
        let scratch = try Scratch()
        let file = scratch.path + "/file"
        try Data().write(to: URL(fileURLWithPath: file))
        let directory = RunDirectory(under: file, name: "run")
        let error = #expect(throws: UsageError.self) { try directory.probe() }
        #expect(error?.description.contains("'\(file)/run' cannot be written") == true)
        #expect(error?.description.contains("--runs-dir") == true)
        #expect(throws: (any Error).self) { try directory.path(of: "f") }
        #expect(try scratch.contents() == ["file"])
    }
}
