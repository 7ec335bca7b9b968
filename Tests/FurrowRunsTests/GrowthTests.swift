import FurrowSystem
import TestSupport
import Testing

@testable import FurrowRuns

/// No cost of a journal and of what is made of it grows with the square of its size.
@Suite struct RunGrowthTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A run with so many attempts.
    private func run(
        _ count: Int,
        _ attempt: (Int) -> MadeUpRun.Given
    ) throws -> MadeUpRun {
        let run = try MadeUpRun("run-\(count)", in: scratch)
        try run.write(total: count)
        try run.write((1...count).map(attempt))
        return run
    }

    private func job(_ number: Int, attempt: Int = 1, of worker: Int = 0) -> MadeUpRun.Given {
        .init(
            job: number,
            worker: worker,
            start: 100 + Double(number) / 1000,
            seconds: 0.001,
            attempt: attempt,
            parameters: #"{"a":\#(number)}"#,
            result: #"{"b":\#(number)}"#
        )
    }

    private func table(of run: MadeUpRun) throws -> StageTable {
        let reader = try RunReader(of: run.path)
        return try StageTable(
            of: reader,
            reader.stages[0],
            as: reader.recordedPlan(of: reader.stages[0])
        )
    }

    private func read(_ run: MadeUpRun) throws {
        let table = try table(of: run)
        var bytes = 0
        try table.forEachJob(includingOpen: true) { job in
            bytes += table.row(of: job).count + (table.joblogRecord(of: job)?.line.count ?? 0)
        }
        #expect(bytes > 0)
    }

    @Test func aJournalAndItsTables() throws {
        let factor = try Growth.factor(from: 250, { try run($0) { job($0) } }, read)
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test func manyAttemptsAtAJob() throws {
        let factor = try Growth.factor(from: 250, { try run($0) { job(1, attempt: $0) } }, read)
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test func manyWorkers() throws {
        let factor = try Growth.factor(from: 50, { try run($0) { job($0, of: $0) } }, read)
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test func manyStages() throws {
        let factor = try Growth.factor(
            from: 50,
            { count in
                let run = try MadeUpRun("run-\(count)", in: scratch)
                try run.write(stages: (1...count).map { "s\($0)" })
                try run.write(
                    (1...count).map {
                        MadeUpRun.Given(job: 1, start: 101, seconds: 1, stage: "s\($0)")
                    }
                )
                return run
            },
            { run in
                let reader = try RunReader(of: run.path)
                for stage in reader.stages {
                    _ = try StageTable(of: reader, stage, as: reader.recordedPlan(of: stage))
                }
            }
        )
        #expect(factor < Growth.mostWithoutSquare)
    }

    /// Of a result, of a message, and of a result with as many parts.
    @Test(arguments: ["text", "message", "list", "object", "nested"])
    func oneLongLine(kind: String) throws {
        func long(_ count: Int) -> MadeUpRun.Given {
            var given = job(1)
            switch kind {
            case "text": given.result = "\"" + String(repeating: "\\u00e9x", count: count) + "\""
            case "message":
                given.state = .failed
                given.message = String(repeating: "no\n", count: count)
            case "list": given.result = "[1" + String(repeating: ",2.5", count: count) + "]"
            case "object":
                given.result =
                    "{" + (0..<count).map { #""k\#($0)":1"# }.joined(separator: ",") + "}"
            default:
                let depth = min(count / 100, 400)
                given.result =
                    String(repeating: #"{"a":"#, count: depth) + "1"
                    + String(repeating: "}", count: depth)
            }
            return given
        }
        let factor = try Growth.factor(
            from: kind == "nested" ? 5000 : 1000,
            { count in
                let run = try MadeUpRun("run-\(count)", in: scratch)
                try run.write()
                try run.write([long(count)])
                return run
            },
            read
        )
        #expect(factor < Growth.mostWithoutSquare)
    }

    /// What a power failure may leave.
    @Test func aDamagedJournal() throws {
        let factor = try Growth.factor(
            from: 2000,
            { count in
                let run = try MadeUpRun("run-\(count)", in: scratch)
                try run.write()
                try scratch.write(
                    String(repeating: "{\"job\":1\n", count: count)
                        + String(repeating: "\0", count: count),
                    to: "run-\(count)/journal/worker-0001.jsonl"
                )
                return run
            },
            { run in
                let index = try JournalIndex(of: run.path)
                #expect(index.entries.isEmpty)
            }
        )
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test func aJournalThatIsWritten() throws {
        let factor = try Growth.factor(from: 500) { count in
            let run = try MadeUpRun("written-\(count)", in: scratch)
            try run.write((1...count).map { job($0) })
            let writer = JournalWriter(in: run.path, rank: 1)
            let line = Array((String(repeating: "x", count: 200) + "\n").utf8)
            for _ in 0..<count { try writer.append(line, after: .seconds(60)) }
            try writer.close()
        }
        #expect(factor < Growth.mostWithoutSquare)
    }
}
