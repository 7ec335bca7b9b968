import Foundation
import Furrow
import TestSupport
import Testing

@testable import FurrowCommands

@Suite struct JoblogTests {
    private func record(_ number: Int, command: String, exitCode: Int = 0) -> JoblogRecord {
        JoblogRecord(
            number: number,
            host: "node07",
            start: 1_795_519_992.8944,
            seconds: 0.0026,
            exitCode: exitCode,
            received: 12,
            command: command.utf8
        )
    }

    @Test func aLineIsAsGNUParallelWritesIt() {
        let line = String(decoding: record(3, command: "echo a", exitCode: 7).line, as: UTF8.self)
        #expect(line == "3\tnode07\t1795519992.894\t     0.003\t0\t12\t7\t0\techo a\n")
        var long = record(1, command: "x")
        long.seconds = 12_345_678.9
        long.signal = 9
        #expect(
            String(decoding: long.line, as: UTF8.self)
                == "1\tnode07\t1795519992.894\t12345678.900\t0\t12\t0\t9\tx\n"
        )
    }

    @Test func aCommandStaysInItsLineByteForByte() {
        var record = record(1, command: "")
        record.command = [0x61, 0x0A, 0x09, 0xFF, 0x0D, 0x0A]
        #expect(Array(record.line.suffix(8)) == [0x09, 0x61, 0, 0x09, 0xFF, 0x0D, 0, 0x0A])
        #expect(record.line.filter { $0 == 0x0A }.count == 1)
    }

    @Test(arguments: [("", ":"), ("a b\tc\nd", "a_b_c_d")])
    func theHostIsOneWord(host: String, written: String) {
        var record = record(1, command: "x")
        record.host = host
        #expect(String(decoding: record.line, as: UTF8.self).hasPrefix("1\t\(written)\t1795"))
    }
}

/// A real GNU parallel reads what Furrow writes.
@Suite(.enabled(if: GNUParallel.path != nil, "GNU parallel is not installed"))
struct JoblogWithGNUParallelTests {
    private let records = [
        JoblogRecord(
            number: 1,
            host: "",
            start: 1_795_519_992.9,
            seconds: 100_000,
            exitCode: 0,
            command: "echo ran 'a\nb\tc'".utf8
        ),
        JoblogRecord(
            number: 3,
            host: "a host",
            start: 0,
            seconds: 0,
            exitCode: 3,
            signal: 0,
            command: [0xFF, 0x0A, 0x30, 0x09]
        ),
        JoblogRecord(
            number: 4,
            host: "n1",
            start: 1.5,
            seconds: 0.001,
            exitCode: 0,
            signal: 9,
            command: []
        ),
    ]

    @Test func resumeSkipsWhatIsDone() throws {
        #expect(try ran(["--resume"]) == ["ran 2", "ran 5"])
    }

    @Test func resumeFailedRunsAlsoWhatFailed() throws {
        #expect(try ran(["--resume-failed"]) == ["ran 2", "ran 3", "ran 4", "ran 5"])
    }

    @Test func retryFailedFindsTheCommandsAgain() throws {
        var failed = JoblogRecord(
            number: 1,
            host: "n1",
            start: 1.5,
            seconds: 2,
            exitCode: 3,
            command: "printf '%s' 'again 1\nagain 2'".utf8
        )
        let line = failed.line
        failed.number = 2
        failed.exitCode = 0
        let output = try GNUParallel.run(
            ["--retry-failed"],
            log: Array(JoblogRecord.header.utf8) + line + failed.line
        )
        #expect(output == "again 1\nagain 2")
    }

    @Test func itAppendsToTheLog() throws {
        var log = ""
        _ = try GNUParallel.run(
            ["--resume", "echo ran {}", ":::"] + (1...5).map(String.init),
            log: bytes
        ) { log = $0 }
        let lines = log.split(separator: "\n")
        #expect(lines.count == 6)
        #expect(lines.first.map { $0 + "\n" } == JoblogRecord.header[...])
        #expect(Set(lines.dropFirst().map { $0.prefix(1) }) == ["1", "2", "3", "4", "5"])
    }

    private var bytes: [UInt8] { Array(JoblogRecord.header.utf8) + records.flatMap(\.line) }

    private func ran(_ options: [String]) throws -> [String] {
        let arguments = options + ["echo ran {}", ":::"] + (1...5).map(String.init)
        return try GNUParallel.run(arguments, log: bytes).split(separator: "\n").map(String.init)
            .sorted()
    }
}

private enum GNUParallel {
    /// The program of moreutils has the same name.
    static let path: String? = ["/usr/bin/parallel", "/usr/local/bin/parallel"].first { path in
        guard let program = FileManager.default.contents(atPath: path) else { return false }
        return program.range(of: Data("joblog".utf8)) != nil
    }

    /// What it prints when it goes on from a log.
    static func run(
        _ arguments: [String],
        log: [UInt8],
        thenLog: (String) -> Void = { _ in }
    ) throws -> String {
        let scratch = try Scratch()
        let file = try scratch.write(log, to: "joblog.tsv")
        let program = try #require(path)
        let run = try Execution.run(
            [
                "-i", "PATH=/usr/bin:/bin", "HOME=\(scratch.path)", "TMPDIR=\(scratch.path)",
                "SHELL=/bin/sh", "LC_ALL=C", program, "--plain", "-j1", "--joblog", file,
            ] + arguments
        )
        thenLog(try scratch.text("joblog.tsv"))
        return run.output
    }
}
