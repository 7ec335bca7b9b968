import Foundation
import FurrowRuns
import TestSupport
import Testing

@testable import FurrowCore

private struct Point: Job, Hashable {
    var x: Int
    var order: Int?
    var jobNumber: Int? { order }

    enum CodingKeys: CodingKey { case x }
    func run(_ context: JobContext) -> Int { x * x }
}

private let stage = StageIdentity(unique: "point")

@Suite struct StageLedgerTests {
    private let folder: Scratch

    init() throws { folder = try Scratch(with: "journal") }

    private func ledger(_ lines: [String], keepsFailures: Bool = false) throws -> StageLedger {
        try folder.write(lines.joined(), to: "journal/worker-0000.jsonl")
        return try StageLedger(
            stage: stage,
            journal: Journal(directory: folder.path, keepsFailures: keepsFailures)
        )
    }

    @Test func withoutAJournalJobsAreOnlyNumbered() throws {
        let ledger = try StageLedger(stage: stage, journal: nil)
        let tickets = try (0..<3).map { try ledger.enter(Point(x: $0)) }
        #expect(tickets == (0..<3).map { JobTicket(number: $0) })
        #expect(ledger.keptCounts == (0, 0))
        #expect(ledger.takeKeptResults(Int.self).isEmpty)
        #expect(try ledger.keptFailures().isEmpty)
    }

    @Test func jobsThatFailedBeforeAreKnown() throws {
        let lines = try [line(record(1), result: "10"), line(record(2, .failed))]
        let tickets = try (1...3).map { [ledger = try ledger(lines)] in
            try ledger.enter(Point(x: $0))?.hasFailed
        }
        #expect(tickets == [nil, true, false])
    }

    @Test func fieldsAreNamedInTheOrderOfTheirDeclaration() throws {
        struct Inner: Encodable { var z = 1, a = [1, 2] }
        struct Outer: Encodable { var second = "b", inner = Inner(), first = 0.5, none: Int? }
        #expect(try declaredNames(of: Outer()) == ["second", "inner.z", "inner.a", "first"])
        try folder.write("", to: "journal/worker-0000.jsonl")
        let ledger = try StageLedger(stage: stage, journal: Journal(directory: folder.path))
        for x in 0..<2 { _ = try ledger.enter(Point(x: x)) }
        #expect(ledger.parameterNames == ["x"])
    }

    @Test func aJobThatIsLeftOutKeepsItsPlace() throws {
        try folder.write(
            line(record(1), result: "10") + line(record(2, .failed)),
            to: "journal/worker-0000.jsonl"
        )
        for journal in [nil, Journal(directory: folder.path)] {
            let ledger = try StageLedger(stage: stage, journal: journal, skipped: [0, 1, 3])
            let tickets = try (1...5).map { try ledger.enter(Point(x: $0)) }
            #expect(tickets.map { $0?.number } == [nil, nil, 2, nil, 4])
            #expect(ledger.keptCounts == (journal == nil ? 0 : 1, 0))
        }
    }

    @Test func whatDiffersFromTheJournalIsKnown() throws {
        let records =
            try line(record(1), result: "10") + line(record(2, .failed))
            + line(record(3), result: "30") + line(record(4, .failed))
        try folder.write(records, to: "journal/worker-0000.jsonl")
        let ledger = try StageLedger(
            stage: stage,
            journal: Journal(directory: folder.path),
            skipped: [1]
        )
        // 1 is gone; 3 and 4 come first, 2 is left out, 5 is new.
        for x in [3, 2, 4, 5] { _ = try ledger.enter(Point(x: x)) }
        let changes = try #require(ledger.changes)
        let index = try JournalIndex(of: folder.path)
        let jobs = Dictionary(
            uniqueKeysWithValues: index.entries.map { ($0.value.job, $0.key) }
        )
        let removed = try #require(jobs.first { $0.value == changes.removed.first }?.key)
        let first = try record(1).job
        #expect(changes.removed.count == 1 && removed == first)
        for (x, number) in [(3, 1), (2, 2), (4, 3)] {
            let job = try record(x).job
            let id = try #require(jobs[job])
            #expect(changes.numbers[id] ?? job == number, "\(x)")
        }
    }

    @Test func recordsOfVersion01CountForTheFirstStageOfTheirName() throws {
        let former = try line(record(1), result: "10")
        for (occurrence, isKept) in [(1, true), (2, false)] {
            try folder.write(former, to: "journal/worker-0000.jsonl")
            let ledger = try StageLedger(
                stage: StageIdentity("point", of: Point.self, occurrence: occurrence),
                journal: Journal(directory: folder.path)
            )
            #expect((try ledger.enter(Point(x: 1)) == nil) == isKept)
        }
    }

    @Test func aRunCountsItsStages() {
        var options = RunOptions()
        options.journal = Journal(directory: "unused")
        let numbers = ["a", "b", "a", "a"].map { options.nextStage($0, of: Point.self).occurrence }
        #expect(numbers == [1, 1, 2, 3])
        #expect(RunOptions().nextStage("a", of: Point.self).occurrence == 1)
    }

    @Test func eachOccurrenceIsAJobOfItsOwn() throws {
        // Of three equal jobs, the first and the last were done.
        let ledger = try ledger([
            try line(record(4), result: "40"), try line(record(4, occurrence: 2), result: "42"),
        ])
        let tickets = try [4, 5, 4, 4, 4].map { try ledger.enter(Point(x: $0)) }
        #expect(tickets.map { $0?.number } == [nil, 1, 2, nil, 4])
        #expect(Set(tickets.compactMap { $0?.identity }).count == 3)
        #expect(tickets[2]?.identity == (try record(4, occurrence: 1)).id)
        #expect(ledger.keptCounts == (2, 0))
        let kept = ledger.takeKeptResults(Int.self)
        #expect(kept.map(\.number) == [0, 3])
        #expect(kept.map(\.1) == [40, 42])
    }

    @Test func anotherStagesJobsAreNotItsOwn() throws {
        let ledger = try ledger([try line(record(1, stage: "other"))])
        #expect(try ledger.enter(Point(x: 1)) != nil)
    }

    @Test func theNumberIsTheJobsOwnWhereItHasOne() throws {
        let ledger = try ledger([try line(record(1), result: "11"), try line(record(2))])
        #expect(try ledger.enter(Point(x: 2, order: 7)) == nil)
        #expect(try ledger.enter(Point(x: 1, order: 3)) == nil)
        #expect(try ledger.enter(Point(x: 5, order: 9))?.number == 9)
        #expect(ledger.takeKeptResults(Int.self).map(\.number) == [7, 3])
    }

    /// A trap, or a result in another's place, would be the end of the run.
    @Test(arguments: [-1, Int.min, Int.max, 1 << 48])
    func aNumberThatCannotBeOneIsRefused(number: Int) throws {
        let ledger = try ledger([])
        let error = #expect(throws: WrongJobNumber.self) {
            try ledger.enter(Point(x: 1, order: number))
        }
        #expect(error?.description.contains("\(number); jobNumber must be from 0") == true)
        #expect(try ledger.enter(Point(x: 1, order: 1 << 48 - 1)) != nil)
    }

    @Test func twoJobsCannotHaveOneNumber() throws {
        let ledger = try ledger([])
        #expect(try ledger.enter(Point(x: 1, order: 3)) != nil)
        let error = #expect(throws: WrongJobNumber.self) {
            try ledger.enter(Point(x: 2, order: 3))
        }
        #expect(error?.description.hasPrefix("two jobs have the number 3") == true)
    }

    @Test func failuresAreRunAgainUnlessTheyAreKept() throws {
        let lines = [
            try line(record(0, .failed)), try line(record(1, .cancelled)), try line(record(2)),
        ]
        let again = try ledger(lines)
        #expect(try (0..<4).map { try again.enter(Point(x: $0))?.number } == [0, 1, nil, 3])
        #expect(again.keptCounts == (1, 0))
        #expect(try again.keptFailures().isEmpty)
        let keeping = try ledger(lines, keepsFailures: true)
        #expect(try (0..<4).map { try keeping.enter(Point(x: $0))?.number } == [nil, 1, nil, 3])
        #expect(keeping.keptCounts == (1, 1))
        #expect(keeping.takeKeptResults(Int.self).map(\.number) == [2])
        let failures = try keeping.keptFailures()
        #expect(failures.map(\.index) == [0])
        #expect(failures.first?.message == "x is 0")
        #expect(failures.first?.parameters == #"{"x":1}"#)
        #expect(failures.first?.rank == 3 && failures.first?.taskID == 2)
    }

    @Test func aHundredKeptFailuresHaveDetails() throws {
        let lines = try (0..<150).map { try line(record($0, .failed)) }
        let ledger = try ledger(lines, keepsFailures: true)
        for x in 0..<150 { #expect(try ledger.enter(Point(x: x)) == nil) }
        #expect(ledger.keptCounts == (0, 150))
        #expect(try ledger.keptFailures().count == StageFailure.detailLimit)
    }

    @Test func aJobWhoseResultIsOfAnotherTypeRunsAgain() throws {
        let ledger = try ledger([
            try line(record(1), result: #""text""#), try line(record(2), result: "4"),
        ])
        #expect(try ledger.enter(Point(x: 1))?.number == 0)
        #expect(try ledger.enter(Point(x: 2)) == nil)
        #expect(ledger.keptCounts == (1, 0))
        #expect(ledger.takeKeptResults(Int.self).map(\.1) == [4])
    }

    @Test func parametersThatCannotBeWrittenAreTheirJobsProblem() throws {
        let ledger = try ledger([])
        #expect(try ledger.enter(Holder(value: 1)) != nil)
        let error = #expect(throws: UncodableJob.self) { try ledger.enter(Holder(value: Mute())) }
        #expect(error?.number == 1)
        #expect(error?.reason.description == "its parameters cannot be encoded: Mute()")
        #expect(try ledger.enter(Holder(value: 2))?.number == 2)
    }

    // MARK: Ranks that died

    @Test func whatALostRankRecordedSinceTheStageBeganIsTakenOver() throws {
        let ledger = try ledger([try line(record(1), result: "10")])
        let others = try line(record(5), result: "50") + line(record(6, stage: "other"))
        try folder.write(others, to: "journal/worker-0003.jsonl")
        try folder.write(
            try line(record(7), result: "70") + line(record(8, .failed)),
            to: "journal/worker-0002.jsonl"
        )
        let records = try #require(try ledger.records(of: 3))
        let found = try #require(try ledger.enter(Point(x: 5)))
        #expect(found.identity.map { records.state(of: $0) } == .succeeded)
        let results = try records.results(Int.self)
        #expect(results.map(\.number) == [5])
        #expect(results.compactMap { $0.result as? Int } == [50])
        #expect(try records.result(of: Point(x: 5), found) as? Int == 50)
        // One of an earlier run, and of a rank that lives.
        #expect(try ledger.enter(Point(x: 1)) == nil)
        let lacking = try #require(try ledger.enter(Point(x: 8)))
        let identity = try #require(lacking.identity)
        #expect(records.state(of: identity) == nil)
        #expect(try records.result(of: Point(x: 8), lacking) == nil)
        let second = try #require(try ledger.records(of: 2))
        #expect(second.state(of: identity) == .failed)
        #expect(try second.result(of: Point(x: 8), lacking) == nil)
        let failure = try #require(try second.failure(of: identity, number: 8))
        #expect(failure.message == "x is 8" && failure.index == 8)
        ledger.adopt(results)
        ledger.adopt(try second.results(Int.self))
        #expect(ledger.takeKeptResults(Int.self).map(\.1) == [10, 50, 70])
        #expect(ledger.takeKeptResults(Int.self).isEmpty)
    }

    @Test func aRankWithoutAFileHasRecordedNothing() throws {
        #expect(try ledger([]).records(of: 9)?.results(Int.self).isEmpty == true)
        #expect(try StageLedger(stage: stage, journal: nil).records(of: 9) == nil)
    }
}

private struct Mute: Codable, Error {
    func encode(to encoder: any Encoder) throws { throw self }
}

/// Returns its only parameter.
private struct Holder<Value: Codable & Sendable>: Job {
    var value: Value
    func run(_ context: JobContext) -> Value { value }
}

@Suite struct JournalValueTests {
    private func executor(_ folder: Scratch) -> JobExecutor {
        var options = RunOptions()
        options.journal = Journal(directory: folder.path)
        return JobExecutor(stage: stage, host: "node", device: nil, options: options)
    }

    /// What becomes of a result that a job returns and a later run reads.
    private func survivor<Value: Codable & Sendable>(_ value: Value) async throws -> Value? {
        let folder = try Scratch(with: "journal")
        let job = Holder(value: value)
        let ticket = try StageLedger(stage: stage, journal: Journal(directory: folder.path))
            .enter(job)
        let executor = executor(folder)
        guard case .success = await executor.run(job, try #require(ticket), keep: { _ in }) else {
            Issue.record("the job failed")
            return nil
        }
        try executor.closeJournal(isStopping: false)
        let ledger = try StageLedger(stage: stage, journal: Journal(directory: folder.path))
        #expect(try ledger.enter(job) == nil)
        return ledger.takeKeptResults(Value.self).first?.1
    }

    @Test func aLargeResultIsStoredBesideItsLine() async throws {
        struct Large: Codable, Equatable {
            var score = 0.5
            var name = String(repeating: "é", count: 1000)
            var few = [1, 2]
            var some: [String: [Float]] = ["a": [.nan, -.infinity, 0.1]]
            var numbers = [Double](repeating: .pi, count: 1000)
            var data = Data(count: 3)
            var records = [[String: UInt128]](repeating: ["x": .max], count: 40)
            var nested: [[Int8?]] = [[1, nil], []]
            var isTrue = true
        }
        let folder = try Scratch(with: "journal")
        let executor = executor(folder)
        let job = Holder(value: Large())
        let identity = JobIdentity(stage: stage.key, canonical: try job.canonicalParameters())
        for number in 0..<2 {
            _ = await executor.run(job, JobTicket(number: number, identity: identity)) { _ in }
        }
        try executor.closeJournal(isStopping: false)
        let text = try folder.text("journal/worker-0000.jsonl")
        let line = try JournalLine(Array(text.split(separator: "\n")[1].utf8))
        let stored = try #require(line.record.storedResult)
        #expect(stored.offset == stored.length)
        let result = try #require(try line.content().result)
        #expect(result["score"] == .number("0.5"))
        #expect(result["few"]?.description == "[1,2]")
        #expect(result["some"]?.description == #"{"a":["nan","-inf",0.10000000149011612]}"#)
        #expect(result["numbers"] == .text("1000 numbers"))
        #expect(result["data"]?.description == "[0,0,0]")
        #expect(result["records"] == .text("40 values"))
        #expect(result["nested"]?.description == "[[1,null],[]]")
        #expect(result["isTrue"] == .boolean(true))
        #expect(result["name"] == .text(String(repeating: "é", count: 500) + "…"))
        // A bit that a disk loses is noticed, and the job runs again.
        let results = folder.url.appendingPathComponent("journal/worker-0000.results")
        var bytes = try Data(contentsOf: results)
        bytes[stored.offset + 100] ^= 1
        try bytes.write(to: results)
        let ledger = try StageLedger(stage: stage, journal: Journal(directory: folder.path))
        #expect(try ledger.enter(job) != nil)
    }

    /// A job may record something else for people than it returns.
    @Test func whatAJobRecordsInPlaceOfItsResultDoesNotReplaceIt() async throws {
        struct Recorder: Job {
            var x = 1
            func run(_ context: JobContext) -> Int {
                context.record(["note": "seen"])
                return 7
            }
        }
        let folder = try Scratch(with: "journal")
        let executor = executor(folder)
        let identity = JobIdentity(stage: stage.key, canonical: Array(#"{"x":1}"#.utf8))
        _ = await executor.run(Recorder(), JobTicket(number: 0, identity: identity)) { _ in }
        try executor.closeJournal(isStopping: false)
        #expect(try folder.text("journal/worker-0000.jsonl").contains(#""result":{"note":"seen"}"#))
        let ledger = try StageLedger(stage: stage, journal: Journal(directory: folder.path))
        #expect(try ledger.enter(Recorder()) == nil)
        #expect(ledger.takeKeptResults(Int.self).map(\.1) == [7])
    }

    @Test func aResultThatCannotBeWrittenIsItsJobsFailure() async throws {
        struct Muted: Job {
            var x = 1
            func run(_ context: JobContext) -> Mute { Mute() }
        }
        let folder = try Scratch(with: "journal")
        let executor = executor(folder)
        let identity = JobIdentity(stage: stage.key, canonical: Array(#"{"x":1}"#.utf8))
        let end = await executor.run(Muted(), JobTicket(number: 4, identity: identity)) { _ in }
        guard case .failure(let failure) = end else {
            Issue.record("\(end)")
            return
        }
        #expect("\(failure)".hasPrefix(#"job 5 {"x":1} failed (serial, node)"#))
        #expect(failure.message == "its result cannot be recorded: Mute()")
        let line = try folder.text("journal/worker-0000.jsonl")
        #expect(line.contains(#""state":"failed""#) && line.contains("cannot be recorded"))
    }

    @Test(
        arguments: [
            0.0, -0.0, 0.1, 1 / 3, .pi, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
            .leastNormalMagnitude, 1e308,
            .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .infinity, -.infinity, .nan,
            9_007_199_254_740_992, 1e16, 123_456_789.123_456_78, .leastNormalMagnitude.nextDown,
        ] as [Double]
    )
    func everyDouble(value: Double) async throws {
        let read = try #require(try await survivor(value))
        if value.isNaN { #expect(read.isNaN) } else { #expect(read.bitPattern == value.bitPattern) }
        #expect(try await survivor([value])?.count == 1)
    }

    @Test func manyDoubles() async throws {
        var generator = SystemRandomNumberGenerator()
        let values = (0..<20_000).map { _ in Double(bitPattern: generator.next()) }
            .filter(\.isFinite)
        #expect(try await survivor(values)?.map(\.bitPattern) == values.map(\.bitPattern))
        let floats = values.map { Float($0) }
        #expect(try await survivor(floats)?.map(\.bitPattern) == floats.map(\.bitPattern))
    }

    @Test func extremeIntegers() async throws {
        #expect(try await survivor([Int.min, .max, 0]) == [.min, .max, 0])
        #expect(try await survivor([UInt64.max]) == [.max])
        #expect(try await survivor(Int128.min) == .min)
        #expect(try await survivor([Int8.min, .max]) == [.min, .max])
    }

    @Test(arguments: [
        "", "nan", "inf", "-inf", "null", "e\u{301}", "\u{e9}", "\0", "👩‍👩‍👧‍👦", "\u{10FFFF}",
        "a\"b\\c\n\r\t/", "\u{2028}\u{2029}\u{feff}", "\u{7f}\u{80}\u{fffd}", "\u{1}\u{1f}",
    ])
    func everyText(value: String) async throws {
        #expect(try await survivor(value).map { Array($0.utf8) } == Array(value.utf8))
        #expect(
            try await survivor([value: value])?.first.map { Array($0.key.utf8) }
                == Array(value.utf8)
        )
    }

    private struct Nested: Codable, Equatable {
        enum Kind: Codable, Equatable {
            case plain
            case pair(Int, name: String?)
        }
        var optional: Int?
        var many: [Double?]
        var inner: [Nested]
        var kind: Kind
        var byNumber: [Int: [String: Bool]]
        var data: Data
        var date: Date
    }

    @Test func nestedValues() async throws {
        let leaf = Nested(
            optional: nil,
            many: [],
            inner: [],
            kind: .plain,
            byNumber: [:],
            data: Data(),
            date: Date(timeIntervalSinceReferenceDate: 0.1)
        )
        let value = Nested(
            optional: 1,
            many: [nil, -0.5, nil],
            inner: [leaf, leaf],
            kind: .pair(.min, name: nil),
            byNumber: [-1: ["": true], .max: [:]],
            data: Data((0...255).map { UInt8($0) }),
            date: Date(timeIntervalSince1970: 1_700_000_000.123_456)
        )
        #expect(try await survivor(value) == value)
    }

    @Test func resultsThatAreNothing() async throws {
        struct Empty: Codable, Equatable {}
        #expect(try await survivor(Empty()) == Empty())
        #expect(try await survivor(Int?.none) == .some(.none))
        #expect(try await survivor(Int?.some(3)) == 3)
        #expect(try await survivor([Int?.none, 3]) == [nil, 3])
        #expect(try await survivor([Int]()) == [])
    }
}

extension StageLedger {
    fileprivate convenience init(
        stage: StageIdentity,
        journal: Journal?,
        skipped: Set<Int> = []
    ) throws {
        var options = RunOptions()
        options.journal = journal
        options.skipped = skipped
        try self.init(stage: stage, options)
    }
}
