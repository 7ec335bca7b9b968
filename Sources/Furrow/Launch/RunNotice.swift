import Foundation
import FurrowRuns
import FurrowSystem
import Synchronization

/// Tells the command of `--notify` of a run's first failure and of its end. On rank 0.
struct RunNotice: Sendable {
    private let notice: Notice
    private let name: String
    private let directory: String
    private let hasFailed = Once()

    init(command: String, name: String, directory: String) {
        notice = Notice(command: command)
        self.name = name
        self.directory = directory
    }

    /// Tells of the run's first failure, without waiting: the caller deals jobs.
    func tell(of failure: JobFailure) {
        guard hasFailed.isFirst() else { return }
        var facts = facts("failure", .running)
        facts["FURROW_JOB"] = "\(failure.index + 1)"
        facts["FURROW_MESSAGE"] = failure.description
        let (notice, all) = (notice, facts)
        Task.detached { await notice.send(all) }
    }

    /// Tells of the run's end, and waits until the command has ended.
    func tell(ofEnd record: RunRecord) async {
        var facts = facts("end", record.state)
        let counts = record.counts ?? []
        let succeeded = counts.reduce(0) { $0 + $1.succeeded }
        let failed = counts.reduce(0) { $0 + $1.failed }
        let lefts = counts.map(\.left)
        facts["FURROW_SUCCEEDED"] = "\(succeeded)"
        facts["FURROW_FAILED"] = "\(failed)"
        let left = lefts.compactMap { $0 }.reduce(0, +)
        facts["FURROW_LEFT"] = lefts.contains(nil) ? "" : "\(left)"
        facts["FURROW_STATUS"] = record.status.map { "\($0)" } ?? ""
        let seconds = (record.end ?? 0) - (record.starts.last ?? 0)
        facts["FURROW_SECONDS"] = rounded(seconds, 0)
        facts["FURROW_MESSAGE"] =
            "\(name) \(record.state.rawValue) after \(Quantity.time(seconds: seconds)): "
            + "\(succeeded) succeeded, \(failed) failed"
            + (left > 0 ? ", \(left) left" : "")
        await notice.send(facts)
    }

    private func facts(_ event: String, _ state: RunRecord.State) -> [String: String] {
        [
            "FURROW_EVENT": event, "FURROW_NAME": name, "FURROW_RUN_DIR": directory,
            "FURROW_STATE": state.rawValue,
        ]
    }
}

/// Something that happens once.
private final class Once: Sendable {
    private let hasHappened = Mutex(false)

    /// True for the first caller.
    func isFirst() -> Bool {
        hasHappened.withLock { happened in
            defer { happened = true }
            return !happened
        }
    }
}
