internal import Foundation
import Furrow

/// What `furrow status` shows: how a run stands.
public struct StatusReport {
    /// What is known of a stage.
    struct Stage: Codable {
        var name: String
        var total: Int
        var succeeded: Int
        var running: Int
        var failed: Int
        var left: Int
    }

    /// A job that runs.
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
    }

    private var report: Report

    /// - Parameter directory: the run's directory.
    /// - Throws: when it holds no sweep's run, or cannot be read.
    public init(of directory: String) throws {
        let record = try RunRecord(of: directory)
        let sweep = try Sweep(reopening: directory)
        let index = try JournalIndex(of: directory)
        let owner = RunLock.owner(of: directory)
        let isRunning = owner != nil
        let state = isRunning ? try RunState(of: directory) : nil
        let stages = sweep.stages.map { stage in
            let name = stage.settings.name
            let counts = RecordedStage(stage, in: directory, index).counts
            // The journal may know the end of a job that ran a second ago.
            let running = state?.stage == name ? min(state?.running.count ?? 0, counts.left) : 0
            return Stage(
                name: name,
                total: counts.total,
                succeeded: counts.succeeded,
                running: running,
                failed: counts.failed,
                left: counts.left - running
            )
        }
        let now = Date().timeIntervalSince1970
        report = Report(
            run: directory,
            state: Self.state(record, isRunning: isRunning),
            started: record.starts.last ?? 0,
            ended: isRunning ? nil : record.end,
            ranks: record.ranks.count,
            hosts: Set(record.ranks.map(\.host)).count,
            slurmJob: record.state == .submitted ? Submission.job(of: directory) : record.slurmJob,
            owner: owner?.description,
            stages: stages,
            perSecond: state?.rate,
            secondsLeft: state?.secondsLeft,
            running: (state?.running ?? []).compactMap { job in
                // Nobody yet, where the run has begun after its record was read.
                let rank = record.ranks.first { $0.rank == job.taskID + 1 } ?? record.ranks.first
                guard let rank else { return nil }
                return Running(
                    job: job.job,
                    taskID: job.taskID,
                    host: rank.host,
                    device: rank.device,
                    seconds: max(0, now - job.since)
                )
            }
        )
    }

    private static func state(_ record: RunRecord, isRunning: Bool) -> String {
        if isRunning { return RunRecord.State.running.rawValue }
        return record.state == .running ? "killed" : record.state.rawValue
    }

    /// Adds what SLURM says of the run's job, where it is one.
    public mutating func askSlurm() { report.slurmState = report.slurmJob.flatMap(SlurmState.of) }

    /// As an object of JSON.
    public var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.keyEncodingStrategy = .convertToSnakeCase
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(report), as: UTF8.self)
        }
    }

    /// For people, over several lines.
    public var text: String {
        var lines = ["\(report.run): \(report.state)" + (report.owner.map { ", \($0)" } ?? "")]
        let start = Date(timeIntervalSince1970: report.started).formatted(.iso8601)
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
        for stage in report.stages {
            let parts = [
                "\(stage.succeeded) done", "\(stage.running) running",
                "\(stage.failed) failed", "\(stage.left) left",
            ].filter { report.state == "running" || !$0.hasSuffix("running") }
            lines.append("\(stage.name): \(stage.total) jobs: \(parts.joined(separator: ", "))")
        }
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
        return lines.joined(separator: "\n")
    }

    /// State, done, failed, left and start of a run, as far as they can be read.
    public static func row(of directory: String) -> [String] {
        do {
            let report = try StatusReport(of: directory).report
            let start = Date(timeIntervalSince1970: report.started).formatted(.iso8601)
            func sum(_ count: (Stage) -> Int) -> String {
                "\(report.stages.map(count).reduce(0, +))"
            }
            return [
                report.state, sum(\.succeeded), sum(\.failed), sum { $0.left + $0.running }, start,
            ]
        } catch {
            // A typed application's run, which has no sweep, or one that cannot be read.
            let record = try? RunRecord(of: directory)
            let state = record.map {
                Self.state($0, isRunning: RunLock.owner(of: directory) != nil)
            }
            return [state ?? "unreadable", "", "", "", ""]
        }
    }
}

extension RunState {
    /// Jobs that end in a second.
    fileprivate var rate: Double? {
        let seconds = updated - start
        let done = counts.done - counts.kept
        return seconds > 0 && done > 0 ? Double(done) / seconds : nil
    }

    fileprivate var secondsLeft: Double? {
        guard let rate, let total else { return nil }
        return Double(max(0, total - counts.done)) / rate
    }
}
