import FurrowRuns
import FurrowSystem
import TestSupport

/// The directory of a typed run that is made up.
struct MadeUpRun {
    let folder: Scratch

    init() throws { folder = try Scratch(with: "journal") }

    /// Writes the record of a run of two workers that began at 100 and ended at 120.
    func write(
        state: RunRecord.State = .succeeded,
        starts: [Double] = [100],
        end: Double = 120,
        stages: [String] = ["s"],
        total: Int? = nil
    ) throws {
        var record = RunRecord(
            name: "made-up",
            kind: .typed,
            stages: stages,
            ranks: (0...2).map { RunRecord.Rank(rank: $0, host: "n", device: nil) },
            schedule: "dynamic",
            onFailure: "abort"
        )
        record.starts = starts
        record.end = end
        record.state = state
        if let total { record.counts = [RunRecord.StageCounts(stage: stages[0], total: total)] }
        try record.write(to: folder.path)
    }

    /// An attempt as the journal has it.
    struct Given {
        var job: Int
        var worker = 0
        var start: Double
        var seconds: Double
        var state = JournalRecord.State.succeeded
        var attempt = 1
        var stage = "s"
        var message: String?
        var parameters = "{}"
        var result: String? = "1"
    }

    func write(_ attempts: [Given]) throws {
        for (worker, own) in Dictionary(grouping: attempts, by: \.worker) {
            let lines = try own.map { given in
                let record = JournalRecord(
                    stage: given.stage,
                    stageOccurrence: 1,
                    id: JobIdentity(stage: given.stage, canonical: Array("\(given.job)".utf8)),
                    job: given.job,
                    attempt: given.attempt,
                    state: given.state,
                    start: given.start,
                    duration: given.seconds,
                    taskID: given.worker,
                    rank: given.worker + 1,
                    host: "n",
                    device: nil,
                    message: given.message
                )
                let line = try record.line(parameters: given.parameters, result: given.result)
                return String(decoding: line, as: UTF8.self)
            }
            try folder.write(lines.joined(), to: "journal/worker-000\(worker + 1).jsonl")
        }
    }

    /// The run, with what its record and its journal know of its stages.
    func reader() throws -> (RunReader, [(JournalIndex.Stage, any StagePlan)]) {
        let reader = try RunReader(of: folder.path, keepsAttempts: true)
        return (reader, reader.stages.map { ($0, RecordedPlan(total: reader.total(of: $0))) })
    }
}
