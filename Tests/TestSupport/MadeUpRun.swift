import Foundation
package import FurrowRuns
import FurrowSystem

/// The directory of a typed run that is made up.
package struct MadeUpRun {
    /// Has the directory.
    package let folder: Scratch
    /// The run's directory.
    package let path: String

    /// A run in a folder of its own.
    package init() throws {
        folder = try Scratch(with: "journal")
        path = folder.path
    }

    /// A run in a folder of another.
    ///
    /// - Parameters:
    ///   - name: the folder.
    ///   - scratch: the other.
    package init(_ name: String, in scratch: Scratch) throws {
        folder = scratch
        path = "\(scratch.path)/\(name)"
        try FileManager.default.createDirectory(
            atPath: "\(path)/journal",
            withIntermediateDirectories: true
        )
    }

    /// Writes the record of a run of two workers that began at 100 and ended at 120.
    package func write(
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
        try record.write(to: path)
    }

    /// An attempt as the journal has it.
    package struct Given {
        package var job: Int
        package var worker = 0
        package var start: Double
        package var seconds: Double
        package var state = JournalRecord.State.succeeded
        package var attempt = 1
        package var stage = "s"
        package var message: String?
        package var parameters = "{}"
        package var result: String? = "1"

        package init(
            job: Int,
            worker: Int = 0,
            start: Double,
            seconds: Double,
            state: JournalRecord.State = .succeeded,
            attempt: Int = 1,
            stage: String = "s",
            message: String? = nil,
            parameters: String = "{}",
            result: String? = "1"
        ) {
            self.job = job
            self.worker = worker
            self.start = start
            self.seconds = seconds
            self.state = state
            self.attempt = attempt
            self.stage = stage
            self.message = message
            self.parameters = parameters
            self.result = result
        }
    }

    package func write(_ attempts: [Given]) throws {
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
            let file = RunLayout(path).journal(rank: worker + 1)
            try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: file))
        }
    }

    /// The run, with what its record and its journal know of its stages.
    package func reader() throws -> (RunReader, [(JournalIndex.Stage, any StagePlan)]) {
        let reader = try RunReader(of: path, keepsAttempts: true)
        return (reader, reader.stages.map { ($0, reader.recordedPlan(of: $0)) })
    }
}
