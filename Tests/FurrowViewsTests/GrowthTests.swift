import FurrowRuns
import TestSupport
import Testing

@testable import FurrowViews

/// No cost of a view grows with the square of the number of jobs, failures or workers.
@Suite struct ViewGrowthTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private static let kinds: [String: @Sendable (Int, Int) -> MadeUpRun.Given] = [
        "jobs": { number, _ in
            .init(
                job: number,
                worker: number % 2,
                start: 100 + Double(number) / 1000,
                seconds: 0.001,
                parameters: #"{"a":\#(number % 7),"b":\#(number)}"#,
                result: #"{"c":\#(number)}"#
            )
        },
        "failures": { number, _ in
            .init(
                job: number,
                start: 100 + Double(number) / 1000,
                seconds: 0.001,
                state: .failed,
                message: "failure of \(String(number, radix: 2).map { $0 == "1" ? "x" : "y" })",
                parameters: #"{"a":"v\#(number)"}"#,
                result: nil
            )
        },
        "attempts": { number, _ in
            .init(job: 1, start: 100 + Double(number) / 1000, seconds: 0.001, attempt: number)
        },
        "workers": { number, _ in
            .init(job: number, worker: number, start: 101, seconds: 1)
        },
        "stages": { number, _ in .init(job: 1, start: 101, seconds: 1, stage: "s\(number)") },
    ]

    private func run(_ kind: String, _ count: Int) throws -> MadeUpRun {
        let run = try MadeUpRun("run-\(count)", in: scratch)
        let make = try #require(Self.kinds[kind])
        try run.write(
            stages: kind == "stages" ? (1...count).map { "s\($0)" } : ["s"],
            total: kind == "jobs" || kind == "failures" ? count : nil
        )
        try run.write((1...count).map { make($0, count) })
        return run
    }

    /// Expects that a view of more jobs, failures and so on does not cost their square.
    private func expectNoSquare(
        _ kind: String,
        _ view: (RunReader, [RunFacts.PlannedStage]) throws -> Void
    ) throws {
        // Each worker has a file, and each stage tables.
        let factor = try Growth.factor(
            from: kind == "workers" || kind == "stages" ? 25 : 200,
            { try run(kind, $0) },
            { run in
                let (reader, stages) = try run.reader()
                try view(reader, stages.map { (stage: $0.0, plan: $0.1) })
            }
        )
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test(arguments: kinds.keys.sorted())
    func aReport(kind: String) throws {
        try expectNoSquare(kind) { _ = try RunReport(of: $0, $1).write() }
    }

    @Test(arguments: kinds.keys.sorted())
    func aTrace(kind: String) throws {
        try expectNoSquare(kind) { _ = try RunTrace(of: $0, $1).write() }
    }
}
