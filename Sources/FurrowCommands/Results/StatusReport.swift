import Foundation
import FurrowRuns
import FurrowSweeps
import FurrowSystem
import FurrowViews

/// The report of `furrow status`: the progress of a run.
package struct StatusReport {
    /// The progress of a stage.
    struct Stage: Codable {
        var name: String
        /// `nil` if not known yet.
        var total: Int?
        var succeeded: Int
        var running: Int
        var failed: Int
        var left: Int?

        init(_ counts: RunRecord.StageCounts, running: Int) {
            name = counts.stage
            total = counts.total
            succeeded = counts.succeeded
            failed = counts.failed
            self.running = running
            left = counts.left.map { $0 - running }
        }

        /// In one line.
        func text(isRunning: Bool) -> String {
            var parts = ["\(succeeded) done"]
            if isRunning { parts.append("\(running) running") }
            parts.append("\(failed) failed")
            if let left { parts.append("\(left) left") }
            let all = total.map { "\($0) jobs: " } ?? ""
            return "\(name): \(all)\(parts.joined(separator: ", "))"
        }
    }

    /// A running job.
    struct Running: Codable {
        var job: Int
        var taskID: Int
        var host: String
        var device: String?
        var seconds: Double
    }

    private struct Report: Codable {
        var run: String
        var state: String
        var started: Double
        var ended: Double?
        var ranks: Int
        var hosts: Int
        var slurmJob: String?
        var slurmState: String?
        var owner: String?
        var stages: [Stage]
        var perSecond: Double?
        var secondsLeft: Double?
        var running: [Running]
        var removed: [RemovedWorker]?
        /// Why it does what it does.
        var reasons: [String]
    }

    private var situation: RunSituation
    private var report: Report

    /// - Parameter directory: the run's directory.
    /// - Throws: if it has no run, or the run cannot be read.
    package init(of directory: String) throws {
        let recorded = try RecordedStages(of: directory)
        let record = try RunRecord(of: directory)
        let owner = RunLock.owner(of: directory)
        let isRunning = owner != nil
        let state = isRunning ? try RunState(of: directory) : nil
        let stages = try recorded.all.map { stage in
            let counts = try recorded.counts(of: stage)
            // The journal may already have the end of a job that ran a second ago.
            let running = state?.stage == stage.name ? state?.running.count ?? 0 : 0
            return Stage(counts, running: min(running, counts.left ?? running))
        }
        let now = Date().timeIntervalSince1970
        situation = try RunSituation(of: recorded)
        report = Report(
            run: directory,
            state: Self.state(record, isRunning: isRunning),
            started: record.starts.last ?? 0,
            ended: isRunning ? nil : record.end,
            ranks: record.ranks.count,
            hosts: Set(record.ranks.map(\.host)).count,
            slurmJob: record.state == .submitted ? Submission.job(of: directory) : record.slurmJob,
            owner: owner,
            stages: stages,
            perSecond: state?.rate,
            secondsLeft: state?.secondsLeft,
            running: (state?.running ?? []).compactMap { job in
                // None yet, if the run started after its record was read.
                let rank = record.ranks.first { $0.rank == job.taskID + 1 } ?? record.ranks.first
                guard let rank else { return nil }
                return Running(
                    job: job.job,
                    taskID: job.taskID,
                    host: rank.host,
                    device: rank.device,
                    seconds: max(0, now - job.since)
                )
            },
            removed: isRunning ? state?.removed : record.removed,
            reasons: situation.reasons
        )
    }

    private static func state(_ record: RunRecord, isRunning: Bool) -> String {
        if isRunning { return RunRecord.State.running.rawValue }
        return record.state == .running ? "killed" : record.state.rawValue
    }

    /// Adds SLURM's state of the run's job, if it has one.
    package mutating func askSlurm() async {
        if let job = report.slurmJob { report.slurmState = await SlurmState.of(job) }
        situation.slurm = report.slurmState
        report.reasons = situation.reasons
    }

    /// As a JSON object.
    package var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.keyEncodingStrategy = .convertToSnakeCase
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(report), as: UTF8.self)
        }
    }

    /// For people, over several lines.
    package var text: String {
        var lines = ["\(report.run): \(report.state)" + (report.owner.map { ", \($0)" } ?? "")]
        let start = Date(timeIntervalSince1970: report.started).localText
        let end = report.ended.map {
            ", took \(Quantity.time(seconds: max(0, $0 - report.started)))"
        }
        if report.state == RunRecord.State.submitted.rawValue {
            lines.append("submitted \(start)")
        } else {
            lines.append(
                "started \(start)\(end ?? ""), \(report.ranks) rank\(report.ranks == 1 ? "" : "s") "
                    + "on \(report.hosts) host\(report.hosts == 1 ? "" : "s")"
            )
        }
        if let job = report.slurmJob {
            lines.append(
                "SLURM job \(job): \(report.slurmState ?? "SLURM has nothing to say of it")"
            )
        }
        let isRunning = report.state == RunRecord.State.running.rawValue
        lines += report.stages.map { $0.text(isRunning: isRunning) }
        if let rate = report.perSecond {
            let left = report.secondsLeft.map { ", \(Quantity.time(seconds: $0)) left" } ?? ""
            lines.append("\(rounded(rate, rate < 10 ? 2 : 0)) jobs/s\(left)")
        }
        for job in report.running {
            let device = job.device.map { ", \($0)" } ?? ""
            lines.append(
                "  task \(job.taskID) on \(job.host)\(device): job \(job.job) for "
                    + Quantity.time(seconds: job.seconds)
            )
        }
        lines += report.reasons
        return lines.joined(separator: "\n")
    }

    /// State, done, failed, left and start of a run, from its small files.
    package static func row(of directory: String) -> [String] {
        guard let record = try? RunRecord(of: directory) else {
            return ["unreadable", "", "", "", ""]
        }
        let isRunning = RunLock.owner(of: directory) != nil
        let start = Date(timeIntervalSince1970: record.starts.last ?? 0).localText
        var counts = record.counts ?? []
        // One that goes on, or was killed, has said last in another file how it stands.
        if isRunning || record.state == .running, let state = try? RunState(of: directory) {
            var stage = RunRecord.StageCounts(stage: state.stage, total: state.total)
            stage.succeeded = state.counts.succeeded + state.counts.kept
            stage.failed = state.counts.failed
            counts = counts.filter { $0.stage != state.stage } + [stage]
        }
        let left = counts.map(\.left)
        func sum(_ numbers: [Int]) -> String {
            counts.isEmpty ? "" : "\(numbers.reduce(0, +))"
        }
        return [
            state(record, isRunning: isRunning), sum(counts.map(\.succeeded)),
            sum(counts.map(\.failed)), left.contains(nil) ? "" : sum(left.compactMap { $0 }), start,
        ]
    }
}

extension RunState {
    /// Jobs that end in a second.
    var rate: Double? {
        let seconds = updated - start
        let done = counts.done - counts.kept
        return seconds > 0 && done > 0 ? Double(done) / seconds : nil
    }

    var secondsLeft: Double? {
        guard let rate, let total else { return nil }
        return Double(max(0, total - counts.done)) / rate
    }
}
