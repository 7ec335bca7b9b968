import FurrowSystem
import TestSupport
import Testing

@testable import FurrowRuns

@Suite struct RunReaderTests {
    private let folder: Scratch

    init() throws { folder = try Scratch(with: "journal") }

    private func write(stages: [String], total: Int? = nil) throws {
        var record = RunRecord(
            submitted: "r",
            stages: stages,
            schedule: "dynamic",
            onFailure: "abort"
        )
        record.kind = .typed
        if let total {
            record.counts = [RunRecord.StageCounts(stage: stages[0], total: total)]
        }
        try record.write(to: folder.path)
    }

    private func line(
        _ id: Int,
        job: Int,
        stage: String = "s",
        occurrence: Int = 1,
        state: String = "succeeded",
        start: Double = 1,
        parameters: String = "{}",
        result: String? = nil
    ) -> String {
        let hash = String(id, radix: 16)
        let padded = String(repeating: "0", count: 32 - hash.count) + hash
        return #"{"attempt":1,"duration":0.5,"host":"n","id":"\#(padded)","job":\#(job),"rank":1,"#
            + #""stage":"\#(stage)","stage_occurrence":\#(occurrence),"start":\#(start),"#
            + #""state":"\#(state)","task_id":0,"parameters":\#(parameters)"#
            + (result.map { #","result":\#($0)"# } ?? "") + "}\n"
    }

    private func rows(_ table: StageTable, includingOpen: Bool = false) throws -> [[String]] {
        var rows: [[String]] = []
        try table.forEachJob(includingOpen: includingOpen) { job in
            rows.append(table.row(of: job).map(\.text))
        }
        return rows
    }

    @Test func everyColumnHasANameOfItsOwn() throws {
        try write(stages: ["s"], total: 1)
        try folder.write(
            line(
                1,
                job: 1,
                parameters: #"{"job":5,"state":1,"host":"p"}"#,
                result: #"{"exit":7,"furrow_exit":8,"state":9,"job":10,"result.state":11}"#
            ),
            to: "journal/worker-0001.jsonl"
        )
        let run = try RunReader(of: folder.path)
        let table = try StageTable(of: run, try run.stage(nil), as: RecordedPlan(total: 1))
        #expect(Set(table.columns).count == table.columns.count, "\(table.columns)")
        let row = Dictionary(
            uniqueKeysWithValues: zip(table.columns, try #require(try rows(table).first))
        )
        #expect(row["job"] == "5" && row["furrow_job"] == "1")
        #expect(row["state"] == "1" && row["furrow_state"] == "succeeded")
        #expect(row["exit"] == "7" && row["furrow_exit"] == "8")
        #expect(row["result.job"] == "10" && row["host"] == "p" && row["furrow_host"] == "n")
        #expect(row.values.count { $0 == "9" } == 1 && row.values.count { $0 == "11" } == 1)
    }

    @Test func nestedParametersAndResultsAreColumns() throws {
        try write(stages: ["s"], total: 5)
        try folder.write(
            line(1, job: 3, parameters: #"{"a":{"b":0.10}}"#, result: #"{"auroc":0.5,"n":{"x":1}}"#)
                + line(2, job: 1, state: "failed", parameters: #"{"a":{"b":2},"c":"t"}"#),
            to: "journal/worker-0001.jsonl"
        )
        let run = try RunReader(of: folder.path)
        let stage = try run.stage(nil)
        let plan = RecordedPlan(total: run.total(of: stage))
        let table = try StageTable(of: run, stage, as: plan)
        #expect(table.columns.prefix(6) == ["job", "a.b", "c", "state", "auroc", "n.x"])
        let rows = try rows(table)
        #expect(
            rows.map { $0.prefix(6) } == [
                ["1", "2", "t", "failed", "", ""], ["3", "0.10", "", "succeeded", "0.5", "1"],
            ]
        )
        // As they are declared, where that is known; what no record has is no column.
        let declared = RecordedPlan(total: 5, parameterOrder: ["c", "gone", "a.b"])
        let ordered = try StageTable(of: run, stage, as: declared)
        #expect(ordered.columns.prefix(4) == ["job", "c", "a.b", "state"])
        #expect(
            try self.rows(ordered).map { $0.prefix(3) } == [["1", "t", "2"], ["3", "", "0.10"]]
        )
        #expect(table.openJobs == 3)
        let all = try self.rows(table, includingOpen: true)
        #expect(all.map { $0[0] } == ["1", "2", "3", "4", "5"])
        #expect(all.map { $0[3] }.count { $0 == "not run" } == 3)
    }

    @Test func aPlainResultHasAColumn() throws {
        try write(stages: ["s"])
        try folder.write(line(1, job: 1, result: "[1,2]"), to: "journal/worker-0001.jsonl")
        let run = try RunReader(of: folder.path)
        let table = try StageTable(of: run, try run.stage("s"), as: RecordedPlan(total: nil))
        #expect(table.columns.prefix(3) == ["job", "state", "result"])
        #expect(try rows(table)[0].prefix(3) == ["1", "succeeded", "[1,2]"])
        #expect(table.openJobs == nil)
    }

    @Test func stagesOfOneNameAreTwo() throws {
        try write(stages: ["s", "s", "t"])
        try folder.write(
            line(1, job: 1, result: "1") + line(2, job: 1, occurrence: 2, result: "2"),
            to: "journal/worker-0001.jsonl"
        )
        let run = try RunReader(of: folder.path)
        #expect(run.stages.map(\.label) == ["s", "s-2", "t"])
        // The last that has begun.
        #expect(try run.stage(nil).label == "s-2")
        let table = try StageTable(of: run, try run.stage("s"), as: RecordedPlan(total: nil))
        #expect(try rows(table).map { $0[2] } == ["1"])
        #expect(throws: UsageError.self) { try run.stage("u") }
    }

    @Test func whatIsAddedIsRead() throws {
        try write(stages: ["s"])
        let first = line(1, job: 1, state: "failed")
        let second = line(1, job: 1, start: 2)
        try folder.write(first + second.prefix(20), to: "journal/worker-0001.jsonl")
        var run = try RunReader(of: folder.path, keepsAttempts: true)
        let stage = try run.stage(nil)
        func states() throws -> [JournalRecord.State] {
            let jobs = try StageJobs(in: run.index, of: stage, as: RecordedPlan(total: nil))
            return jobs.all.map(\.entry.state)
        }
        #expect(try states() == [.failed])
        try folder.write(first + second, to: "journal/worker-0001.jsonl")
        try folder.write(line(2, job: 2), to: "journal/worker-0002.jsonl")
        try run.refresh()
        #expect(try states() == [.succeeded, .succeeded])
        #expect(run.index.damaged.isEmpty)
        // Also what a later attempt superseded is known, whether it was kept or is read for that.
        for attempts in [
            try #require(run.index.attempts), try RunReader(of: folder.path).attempts(),
        ] {
            #expect(attempts.all.map(\.job) == [1, 1, 2])
            #expect(attempts.all.map(\.state) == [.failed, .succeeded, .succeeded])
            #expect(attempts.all.map(\.worker) == [0, 0, 0])
            #expect(attempts.workers.map(\.host) == ["n"])
        }
    }

    @Test(arguments: [true, false])
    func aResultThatIsDamagedLeavesItsJobOut(before: Bool) throws {
        try write(stages: ["s"])
        let damaged = line(1, job: 1, result: "[1,,2]") + line(2, job: 2, result: "2")
        let whole = damaged.replacing(",,", with: ", ")
        try folder.write(before ? damaged : whole, to: "journal/worker-0001.jsonl")
        let run = try RunReader(of: folder.path)
        try folder.write(damaged, to: "journal/worker-0001.jsonl")
        let table = try StageTable(of: run, try run.stage(nil), as: RecordedPlan(total: 2))
        #expect(try rows(table).map { $0[0] } == ["2"])
        let places = before ? run.index.damaged : table.damaged
        #expect(places.count == 1)
        #expect(places.first?.contains("worker-0001.jsonl") == true)
        if !before { #expect(table.openJobs == 1) }
    }

    @Test func aColumnOfOursGivesTheNameToTheirs() throws {
        try write(stages: ["s"])
        try folder.write(
            line(1, job: 1, parameters: #"{"state":1,"host":2}"#, result: #"{"job":3,"exit":4}"#),
            to: "journal/worker-0001.jsonl"
        )
        let run = try RunReader(of: folder.path)
        let table = try StageTable(of: run, try run.stage(nil), as: RecordedPlan(total: nil))
        #expect(
            table.columns.prefix(6) == [
                "job", "state", "host", "furrow_state", "result.job", "exit",
            ]
        )
        #expect(Set(table.columns).count == table.columns.count)
    }
}
