import Foundation
import Testing

@testable import Furrow

/// A directory for one test, gone with it.
final class Scratch {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "furrow-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func contents(_ directory: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + directory).sorted()
    }
}

@Suite struct TextTableTests {
    @Test func numbersStandAtTheRight() {
        var table = TextTable(columns: ["model", "auroc", "note"])
        table.append(["knn", "0.5", ""])
        table.append(["gaussian", "12.25", "7 or so"])
        table.append(["x", "", ""])
        let expected = """
            model     auroc  note
            knn         0.5
            gaussian  12.25  7 or so
            x

            """
        #expect(table.text == expected)
    }

    @Test func aTableWithoutRowsIsItsHeader() {
        let table = TextTable(columns: ["a", "b"])
        #expect(table.text == "a  b\n")
        #expect(table.csv == "a,b\n")
    }

    @Test func whatWouldBreakALineIsQuoted() {
        var table = TextTable(columns: ["plain", "a,b"])
        table.append(["say \"hi\"", "two\nlines"])
        table.append(["\r\n", " spaced, "])
        table.append(["'x;y'", "e\u{301}🦆"])
        let lines = [
            "plain,\"a,b\"\n", "\"say \"\"hi\"\"\",\"two\nlines\"\n",
            "\"\r\n\",\" spaced, \"\n", "'x;y',e\u{301}🦆\n",
        ]
        #expect(Array(table.csv.utf8) == Array(lines.joined().utf8))
    }
}

@Suite struct ProgressTests {
    private func counts(succeeded: Int, failed: Int = 0) -> StageFailure.Counts {
        var counts = StageFailure.Counts()
        counts.succeeded = succeeded
        counts.failed = failed
        return counts
    }

    @Test func theStatusSaysHowFastAndHowLong() {
        func status(_ counts: StageFailure.Counts, _ total: Int?, _ seconds: Double) -> String {
            Progress.status(counts, total: total, seconds: seconds)
        }
        #expect(status(counts(succeeded: 0), nil, 0) == "0 jobs")
        #expect(status(counts(succeeded: 0), 40, 3) == "0/40 jobs")
        let some = counts(succeeded: 11, failed: 1)
        #expect(status(some, 40, 4) == "12/40 jobs, 1 failed, 3.0/s, 9.3 s left")
        #expect(status(some, nil, 4) == "12 jobs, 1 failed, 3.0/s, 4.0 s")
        #expect(status(counts(succeeded: 40), 40, 4) == "40/40 jobs, 10/s, 4.0 s")
        #expect(status(counts(succeeded: 10), 310, 100) == "10/310 jobs, 0.1/s, 50 min left")
        #expect(status(counts(succeeded: 10), 10, 9000) == "10/10 jobs, 0.0/s, 2.5 h")
        var stopped = counts(succeeded: 10)
        stopped.notRun = 30
        #expect(status(stopped, 40, 4) == "10/40 jobs, 2.5/s, 4.0 s")
    }

    @Test func cancelledAndAbandonedJobsAreDoneToo() {
        var all = counts(succeeded: 1, failed: 2)
        all.cancelled = 3
        all.abandoned = 4
        all.notRun = 5
        #expect(
            Progress.status(all, total: 15, seconds: 0)
                == "10/15 jobs, 2 failed, 3 cancelled, 4 abandoned"
        )
    }

    @Test(arguments: [1, 2, 10, 20, 30, 40, 60, 80, 200], [nil, 0, 7, 1000])
    func aBarFitsItsLine(columns: Int, total: Int?) {
        for done in [0, 3, 7] {
            let bar = Progress.bar(
                "benchmark",
                counts(succeeded: done, failed: 1),
                total: total,
                seconds: 2,
                columns: columns
            )
            #expect(bar.count <= max(columns - 1, 1))
            #expect(!bar.contains("\n"))
        }
    }

    @Test func aBarFillsAsJobsEnd() {
        func cells(_ done: Int, of total: Int) -> (full: Int, empty: Int) {
            let bar = Progress.bar(
                "s",
                counts(succeeded: done),
                total: total,
                seconds: 0,
                columns: 80
            )
            return (bar.count { $0 == "█" }, bar.count { $0 == "░" })
        }
        #expect(cells(0, of: 40) == (0, 30))
        #expect(cells(20, of: 40) == (15, 15))
        #expect(cells(39, of: 40) == (29, 1))
        #expect(cells(40, of: 40) == (30, 0))
        #expect(cells(50, of: 40) == (30, 0))
        #expect(cells(0, of: 0) == (30, 0))
    }

    @Test(arguments: [
        (0.0, 2, "0.00"), (3.14159, 2, "3.14"), (2.5, 0, "3"), (0.05, 1, "0.1"), (-0.04, 1, "0.0"),
        (-1.25, 1, "-1.3"), (99.96, 1, "100.0"), (0.007, 3, "0.007"), (1e6, 0, "1000000"),
        (.infinity, 1, "inf"), (.nan, 1, "nan"), (1e300, 1, "1e+300"),
    ])
    func numbersAreRounded(value: Double, digits: Int, text: String) {
        #expect(rounded(value, digits) == text)
    }
}

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
