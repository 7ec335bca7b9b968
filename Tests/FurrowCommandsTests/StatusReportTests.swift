import Foundation
import Furrow
import FurrowRuns
import TestSupport
import Testing

@testable import FurrowCommands
@testable import FurrowSweeps

/// What is told of runs by what their directories hold.
@Suite struct StatusReportTests {
    private let folder: Scratch

    init() throws { folder = try Scratch(with: "journal") }

    /// Puts the directory of a sweep of three jobs there, of which these have ended so.
    private func makeRun(
        _ ended: [Int: JournalRecord.State],
        state: RunRecord.State
    ) throws {
        let yaml = "name: r\ncommand: [echo, '{n}']\nparameters: {n: {grid: [7, 8, 9]}}\n"
        let sweep = try Sweep(contentsOf: folder.write(yaml, to: "given.yaml"))
        try sweep.save(in: folder.path)
        var record = RunRecord(
            name: "r",
            kind: .sweep,
            stages: ["given"],
            ranks: [
                .init(rank: 0, host: "n1", device: nil), .init(rank: 1, host: "n2", device: nil),
            ],
            schedule: "dynamic",
            onFailure: "abort"
        )
        record.state = state
        try record.write(to: folder.path)
        let stage = sweep.stages[0]
        let lines = try ended.map { place, state in
            try line(
                JournalRecord(
                    stage: stage.settings.name,
                    id: JobIdentity(
                        stage: stage.settings.name,
                        canonical: stage.space[place].canonical
                    ),
                    job: place + 1,
                    attempt: 1,
                    state: state,
                    start: 1,
                    duration: 0.5,
                    taskID: 0,
                    rank: 1,
                    host: "n2",
                    device: nil
                )
            )
        }
        try folder.write(lines.joined(), to: "journal/worker-0001.jsonl")
    }

    @Test func jobsAreCountedByTheirEnds() throws {
        try makeRun([0: .succeeded, 2: .failed], state: .failed)
        let report = try StatusReport(of: folder.path)
        #expect(report.text.contains("\(folder.path): failed\n"))
        #expect(report.text.contains("2 ranks on 2 hosts"))
        #expect(report.text.contains(": 3 jobs: 1 done, 1 failed, 1 left"), "\(report.text)")
        let json = try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any]
        let stages = try #require(json?["stages"] as? [[String: Any]])
        #expect(stages.map { $0["left"] as? Int } == [1])
        #expect(json?["state"] as? String == "failed")
    }

    /// Nobody holds its lock any more, and its record says that it runs.
    @Test func aRunWithoutAnOwnerWasKilled() throws {
        try makeRun([:], state: .running)
        #expect(try StatusReport(of: folder.path).text.contains("\(folder.path): killed\n"))
        #expect(StatusReport.row(of: folder.path).first == "killed")
    }

    @Test func aRunWithoutARecordIsUnreadable() throws {
        #expect(StatusReport.row(of: folder.path) == ["unreadable", "", "", "", ""])
        #expect(throws: (any Error).self) { try StatusReport(of: folder.path) }
    }

    @Test func stagesAreFoundByTheirNames() throws {
        try makeRun([0: .succeeded], state: .interrupted)
        let stages = try RecordedStages(of: folder.path)
        #expect(stages.areCommands)
        let last = try stages.stage(nil)
        #expect(try stages.stage(last.label) == last)
        #expect(stages.place(of: last) == 1)
        #expect(try stages.counts(of: last).succeeded == 1)
        let error = #expect(throws: UsageError.self) { try stages.stage("nope") }
        #expect(error?.description.contains("there is no stage 'nope'") == true)
    }
}
