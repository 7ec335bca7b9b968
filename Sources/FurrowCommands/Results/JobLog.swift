import Foundation
package import FurrowRuns
import FurrowSweeps
import FurrowSystem

/// The output of a job.
package struct JobLog {
    private let job: Int
    private let directory: String
    private let kind: OutputKind
    private let stage: JournalIndex.Stage
    private let plan: any StagePlan
    /// The stage's number in the run, from 1.
    private let place: Int
    private var stages: RecordedStages

    /// - Parameters:
    ///   - job: its number, from 1.
    ///   - directory: the run's directory.
    ///   - stage: its stage; `nil`: the last.
    ///   - kind: standard output or error.
    /// - Throws: ``Furrow/UsageError`` if there is no such job.
    package init(of job: Int, in directory: String, stage: String?, kind: OutputKind) throws {
        self.job = job
        self.directory = directory
        self.kind = kind
        stages = try RecordedStages(of: directory)
        self.stage = try stages.stage(stage)
        plan = stages.plan(of: self.stage)
        place = stages.place(of: self.stage)
        if let count = plan.numberCount, !(1...max(count, 1) ~= job) || count == 0 {
            throw UsageError("there is no job \(job) in \(directory): it has \(count)")
        }
    }

    /// Writes it to standard output: that of the running attempt, else of the last one that ended.
    ///
    /// - Parameter isFollowing: continues while the job runs, will be retried, or waits to run.
    /// - Throws: ``Furrow/UsageError`` if the job has not written anything yet, or its output is
    ///   gone: the worker's file was removed, truncated or overwritten.
    package mutating func write(following isFollowing: Bool) async throws {
        var output = BufferedOutput()
        var running: RunningOutput?
        var shown: Version?
        var nextLook = ContinuousClock.now
        while true {
            // Checked first, so that a record found afterwards is final.
            let isAlive = RunLock.owner(of: directory) != nil
            if running == nil {
                running = try RunningOutput(of: job, stage: place, in: directory, kind)
                // The file of an attempt that ended stays until the next command.
                if let shown, let found = running, Version(found) <= shown { running = nil }
            }
            let isRemoved = running?.isRemoved ?? false
            try running?.copy(to: &output)
            let now = ContinuousClock.now
            if !isFollowing || !isAlive || isRemoved || now >= nextLook {
                let ended = try attempt()
                // Reading a long journal takes a while.
                nextLook = .now + max(.seconds(1), (.now - now) * 20)
                if let ended, ended.version >= running.map(Version.init) ?? ended.version {
                    if shown != ended.version {
                        let isSame =
                            running.map(Version.init) == ended.version
                            && running?.rank == ended.record.rank
                        try show(ended, from: isSame ? running?.shown ?? 0 : 0, to: &output)
                    }
                    shown = ended.version
                    running = nil
                    guard isFollowing, isAlive, try isTriedAgain(ended) else { return }
                } else if !isFollowing || !isAlive {
                    guard running != nil || shown != nil else {
                        throw UsageError("job \(job) of \(directory) has not run")
                    }
                    return
                } else if isRemoved {
                    running = nil
                }
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// The last attempt that ended.
    private mutating func attempt() throws -> Attempt? {
        try stages.refresh()
        let found = try stages.jobs(of: stage, as: plan).last { $0.number == job - 1 }
        guard let found else { return nil }
        let reader = JournalReader(stages.run.index)
        let (record, _, result) = try reader.attempt(at: found.entry)
        // What a typed application's job returned is none of ours.
        let isCommand = stages.areCommands
        return Attempt(record: record, result: isCommand ? result.flatMap(CommandResult.init) : nil)
    }

    /// What the journal keeps of it, as far as is needed here.
    private struct Attempt {
        let record: JournalRecord
        let result: CommandResult?

        var version: Version { Version(start: result?.start ?? 1, attempt: record.attempt) }
    }

    /// Whether another attempt is to follow in the run that goes on.
    private func isTriedAgain(_ attempt: Attempt) throws -> Bool {
        if attempt.record.state == .succeeded { return false }
        if attempt.result?.isTriedAgain == true { return true }
        guard let now = try OutputFolder(runningIn: directory) else { return false }
        return attempt.version.start < now.start
    }

    private func show(
        _ attempt: Attempt,
        from start: Int,
        to output: inout BufferedOutput
    ) throws {
        guard stages.areCommands else {
            guard let message = attempt.record.message else {
                throw UsageError(
                    "job \(job) of \(directory) kept no output: what a typed application's jobs "
                        + "print goes to its own output"
                )
            }
            try output.write(message + "\n")
            return try output.flush()
        }
        guard let result = attempt.result else { return }
        let folder = OutputFolder(in: directory, start: attempt.version.start)
        do {
            let place = kind == .out ? result.out : result.err
            try RecordedOutput(at: place, in: folder.path(rank: attempt.record.rank, kind))
                .copy(from: start, to: &output)
        } catch let gone as RecordedOutput.Gone {
            throw UsageError("the output of job \(job) of \(directory) is gone: \(gone)")
        }
    }
}

/// Orders attempts at a job by time.
private struct Version: Comparable {
    /// The number of the run's start that made it.
    var start: Int
    var attempt: Int

    init(start: Int, attempt: Int) {
        self.start = start
        self.attempt = attempt
    }

    init(_ running: RunningOutput) {
        self.init(start: running.start, attempt: running.attempt)
    }

    static func < (left: Version, right: Version) -> Bool {
        (left.start, left.attempt) < (right.start, right.attempt)
    }
}
