import Foundation
import FurrowRuns
import TestSupport
import Testing

@testable import FurrowViews

@Suite struct ReportTests {
    private let run: MadeUpRun

    init() throws { run = try MadeUpRun() }

    private func page() throws -> String {
        let (reader, stages) = try run.reader()
        let report = try RunReport(of: reader, stages.map { (stage: $0.0, plan: $0.1) })
        return try String(contentsOfFile: try report.write(), encoding: .utf8)
    }

    /// The data of a page.
    private func data(_ page: String) throws -> [String: Any] {
        let start = try #require(page.firstMatch(of: /id="data"[^>]*>/)?.range.upperBound)
        let end = try #require(page[start...].firstRange(of: "</script>")?.lowerBound)
        let object = try JSONSerialization.jsonObject(with: Data(page[start..<end].utf8))
        return try #require(object as? [String: Any])
    }

    private func stage(_ page: String) throws -> [String: Any] {
        let stages = try data(page)["stages"] as? [[String: Any]]
        return try #require(stages?.first)
    }

    @Test func hostileValuesAreNoMarkup() throws {
        try run.write()
        let hostile = #"</script><script>alert(1)</script><!--"#
        try run.write([
            .init(
                job: 1,
                start: 101,
                seconds: 1,
                state: .failed,
                message: hostile,
                parameters: #"{"a":"\#(hostile)"}"#,
                result: nil
            )
        ])
        let page = try page()
        #expect(!page.contains("alert(1)</script>") && !page.contains(hostile))
        #expect("\(try data(page))".contains("alert(1)"))
        #expect(page.contains("default-src 'none'"))
        // Another number each time, so that nothing in the data can know it.
        let nonce = /nonce-([0-9a-f]+)/
        let first = try #require(page.firstMatch(of: nonce)).1
        let second = try #require(try self.page().firstMatch(of: nonce)).1
        #expect(first != second)
    }

    @Test func aLongStageIsCountedAndSampled() throws {
        try run.write(total: 13_000)
        try run.write(
            (1...13_000).map { job in
                MadeUpRun.Given(
                    job: job,
                    start: 100 + Double(job) / 2000,
                    seconds: job == 2_345 ? 3 : 0.0004,
                    state: job.isMultiple(of: 1000) ? .failed : .succeeded,
                    message: job.isMultiple(of: 1000) ? "no \(job)" : nil,
                    parameters: #"{"half":\#(job % 2),"n":\#(job)}"#,
                    result: #"{"score":\#(job == 7_001 ? 9 : 0.5)}"#
                )
            }
        )
        let page = try page()
        let stage = try stage(page)
        #expect(stage["ended"] as? Int == 13_000)
        #expect(stage["succeeded"] as? Int == 12_987 && stage["failed"] as? Int == 13)
        let columns = try #require(stage["columns"] as? [[String: Any]])
        let jobs = try #require(columns.first?["values"] as? [Int])
        #expect((9000...10_000).contains(jobs.count))
        // What people look for is there: failures, stragglers, the best.
        let chosen = Set(jobs)
        #expect((1...13).allSatisfy { chosen.contains($0 * 1000) })
        #expect(chosen.contains(2_345) && chosen.contains(7_001))
        let failures = try #require(stage["failures"] as? [String: Any])
        let groups = try #require(failures["groups"] as? [[String: Any]])
        // Messages that differ in a number only are alike.
        #expect(groups.map { $0["count"] as? Int } == [13])
        let parameters = try #require(stage["groups"] as? [[String: Any]])
        #expect(parameters.map { $0["name"] as? String } == ["half", "n"])
        #expect(parameters[0]["jobs"] as? [Int] == [6_500, 6_500])
        #expect((parameters[1]["jobs"] as? [Int])?.reduce(0, +) == 13_000)
        let timeline = try #require(try data(page)["timeline"] as? [String: Any])
        #expect(timeline["attempts"] is NSNull && timeline["steps"] is [String: Any])
        #expect(page.utf8.count < 2_000_000)
    }

    /// At a run's end the report is made while the tables are written.
    @Test(arguments: [40, 12_000])
    func theWalkForTheTablesMakesTheSameReport(jobs: Int) throws {
        try run.write(total: jobs)
        try run.write(
            (1...jobs).map { job in
                MadeUpRun.Given(
                    job: job,
                    start: 100 + Double(job) / 1000,
                    seconds: 0.001,
                    state: job.isMultiple(of: 9) ? .failed : .succeeded,
                    message: job.isMultiple(of: 9) ? "no \(job)" : nil,
                    parameters: #"{"n":\#(job)}"#,
                    result: #"{"score":\#(job % 7)}"#
                )
            }
        )
        let (reader, stages) = try run.reader()
        let (stage, plan) = stages[0]
        let table = try StageTable(of: reader, stage, as: plan)
        var report = StageReport(of: table)
        let files = StageFiles(
            in: run.folder.path,
            stage: stage.label,
            isAlone: true,
            isLast: true,
            ends: Journal(directory: run.folder.path).ends
        )
        _ = try files.write(table) { report.add($0, $1) }
        #expect(try report.part().json == StageReport.part(of: table).json)
        #expect(try run.folder.text("results.csv").split(separator: "\n").count == jobs + 1)
    }

    /// Without the data the page has less than a megabyte.
    @Test func thePageIsSmall() throws {
        try run.write()
        #expect(try page().utf8.count < 200_000)
    }

    @Test(arguments: [
        (Cell.integer(3), "3"), (.integer(.max), "\"9223372036854775807\""), (.empty, "null"),
        (.number(0.1, written: "0.10"), "\"0.10\""), (.number(0.1, written: "0.1"), "0.1"),
        (.number(1e3, written: "1e3"), "\"1e3\""), (.number(.nan, written: "nan"), "\"nan\""),
        (.number(7, written: "007"), "\"007\""), (.text("a"), "\"a\""),
        (.number(-2.5, written: "-2.5"), "-2.5"), (.number(0.5, written: ".5"), "\".5\""),
        (.number(5, written: "5."), "\"5.\""), (.number(-0.5, written: "-.5"), "\"-.5\""),
        (.number(1.5, written: "+1.5"), "\"+1.5\""), (.number(1.5, written: "01.5"), "\"01.5\""),
    ])
    func aCellIsShownWithItsDigits(cell: Cell, json: String) {
        #expect(JSONText.cell(cell) == json)
    }

    @Test func durationsHaveTheirSteps() throws {
        var durations = DurationSummary()
        for job in 1...99 { durations.add(1, job: job, hasFailed: false) }
        durations.add(50, job: 100, hasFailed: true)
        let object = try JSONSerialization.jsonObject(with: Data(durations.json.utf8))
        let data = try #require(object as? [String: Any])
        let good = try #require(data["succeeded"] as? [Int])
        let bad = try #require(data["failed"] as? [Int])
        #expect(good.first == 99 && bad.last == 1 && good.count == bad.count)
        #expect(data["stragglers"] as? [Int] == [100] && data["median"] as? Double == 1)
    }
}
