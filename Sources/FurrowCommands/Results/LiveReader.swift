import Foundation
import FurrowRuns
import FurrowSweeps
import FurrowSystem
package import FurrowViews

/// Reads again and again what the live view shows of a run. From any node that sees the directory.
package struct LiveReader {
    private static let mostFailures = 4
    private static let mostBest = 3

    private var stages: RecordedStages
    private var best: [String] = []
    private var nextBest = ContinuousClock.now
    private let metric: String?

    /// - Parameters:
    ///   - directory: the run's directory.
    ///   - metric: the result to rank jobs by, `-NAME` for the largest; `nil`: none.
    /// - Throws: if it has no run, or the run cannot be read.
    package init(of directory: String, metric: String?) throws {
        stages = try RecordedStages(of: directory)
        self.metric = metric
    }

    /// What there is to show now.
    package mutating func read() throws -> LiveRun {
        try stages.refresh()
        let directory = stages.run.directory
        let situation = try RunSituation(of: stages)
        let last = situation.last
        let all = stages.all
        let stage =
            try all.first { $0.name == last?.stage } ?? all.last {
                stages.run.index.stages.contains($0)
            } ?? stages.stage(nil)
        let counts = try stages.counts(of: stage)
        var run = LiveRun(directory: directory, state: situation.state, stage: stage.label)
        run.total = counts.total
        run.succeeded = counts.succeeded
        run.failed = counts.failed
        run.rate = last?.rate
        run.secondsLeft = last?.secondsLeft
        run.reasons = situation.reasons
        run.places = places(last)
        run.failures = try failures(of: stage)
        run.best = try bestResults(of: stage)
        return run
    }

    private func places(_ last: RunState?) -> [LiveRun.Place] {
        let ranks = stages.run.record?.ranks ?? []
        guard let last else { return [] }
        let now = Date().timeIntervalSince1970
        let running = Dictionary(last.running.map { ($0.taskID, $0) }) { first, _ in first }
        let workers = ranks.count > 1 ? ranks.filter { $0.rank > 0 } : ranks
        return workers.map { rank in
            let job = running[max(0, rank.rank - 1)]
            return LiveRun.Place(
                worker: rank.rank == 0 ? "serial" : "task \(rank.rank - 1)",
                host: rank.host,
                job: job?.job,
                seconds: job.map { max(0, now - $0.since) } ?? 0
            )
        }
    }

    private func failures(of stage: JournalIndex.Stage) throws -> [String] {
        let reader = JournalReader(stages.run.index)
        let failed = try stages.jobs(of: stage, as: stages.plan(of: stage))
            .filter { $0.entry.state == .failed }
            .sorted { $0.entry.start > $1.entry.start }
        return try failed.prefix(Self.mostFailures).map { job in
            let record = try reader.attempt(at: job.entry).record
            return "job \(job.number + 1) failed: \(record.message ?? "")"
        }
    }

    /// Reading all results of a long run takes a while, so it takes at most a twentieth of the time.
    private mutating func bestResults(of stage: JournalIndex.Stage) throws -> [String] {
        guard let metric, ContinuousClock.now >= nextBest else { return best }
        let start = ContinuousClock.now
        let report = try ResultsReport(of: stages.run.directory, stage: stage.label)
        let rows = try report.rows(onlyFailed: false, includingOpen: false)
        let name = metric.hasPrefix("-") ? String(metric.dropFirst()) : metric
        if rows.columns.contains(name) {
            let sorted = try rows.sorted(by: metric)
            let side = try report.side()
            let shown = try sorted.selecting([rows.columns[0], name] + side.parameters)
            best = shown.rows.prefix(Self.mostBest).map { row in
                let parameters = zip(side.parameters, row.dropFirst(2)).map { "\($0)=\($1.text)" }
                return
                    "job \(row[0].text): \(name) \(row[1].text)  \(parameters.joined(separator: " "))"
            }
        }
        nextBest = .now + max(.seconds(1), (.now - start) * 20)
        return best
    }
}
