/// Standard output or error.
package enum OutputKind: String, Sendable {
    /// Standard output.
    case out
    /// Standard error.
    case err
}

/// An attempt at a job that runs.
package struct RunningAttempt: Sendable, Hashable {
    /// The stage's place in the sweep, from 1.
    package var stage: Int
    /// The job's number, from 1.
    package var job: Int
    /// From 1.
    package var attempt: Int
    /// The rank on which it runs. Two ranks may have the same attempt, with `--speculate`.
    package var rank: Int

    /// - Parameters:
    ///   - stage: the stage's place in the sweep, from 1.
    ///   - job: the job's number, from 1.
    ///   - attempt: from 1.
    ///   - rank: the rank on which it runs.
    package init(stage: Int, job: Int, attempt: Int, rank: Int) {
        self.stage = stage
        self.job = job
        self.attempt = attempt
        self.rank = rank
    }
}

/// The files of what commands write. The first start of a run writes to `worker-0003.out`, the second
/// to `worker-0003.2.out`, and so on; what runs at the moment is in `running/2`.
extension RunLayout {
    /// The folder of what commands wrote.
    package var output: String { "\(directory)/output" }

    /// The file of all of a worker's output or errors.
    ///
    /// - Parameters:
    ///   - rank: the worker's.
    ///   - start: which start of the run it is, from 1.
    ///   - kind: standard output or error.
    package func output(rank: Int, start: Int, _ kind: OutputKind) -> String {
        let number = start > 1 ? ".\(start)" : ""
        return "\(output)/\(Self.worker(rank))\(number).\(kind.rawValue)"
    }

    /// What the jobs of a rank log, in all starts of the run.
    package func log(rank: Int) -> String { "\(output)/\(Self.worker(rank)).log" }

    /// The start of the run in a name as ``output(rank:start:_:)`` makes it; `nil` for the file of
    /// something else.
    package static func start(ofOutput name: String) -> Int? {
        guard name.hasPrefix(workerPrefix) else { return nil }
        let parts = name.split(separator: ".")
        return parts.count == 3 ? Int(parts[1]) ?? 1 : 1
    }

    /// The folder of the folders of commands that run, one for each start, named by its number.
    package var running: String { "\(output)/running" }

    /// Where the running commands of a start have their files.
    package func running(start: Int) -> String { "\(running)/\(start)" }

    /// What a worker's command writes to when it starts.
    package func running(start: Int, rank: Int, _ kind: OutputKind) -> String {
        "\(running(start: start))/\(Self.worker(rank)).\(kind.rawValue)"
    }

    /// What a command writes to when it has run for a while.
    package func running(start: Int, _ attempt: RunningAttempt, _ kind: OutputKind) -> String {
        let prefix = Self.prefix(stage: attempt.stage, job: attempt.job)
        return "\(running(start: start))/\(prefix)\(attempt.attempt).\(attempt.rank)."
            + kind.rawValue
    }

    private static func prefix(stage: Int, job: Int) -> String { "job-\(stage)-\(job)-" }

    /// Which attempt at a job a file in a folder of ``running`` is of.
    ///
    /// - Parameters:
    ///   - name: the file's.
    ///   - stage: the stage's place in the sweep, from 1.
    ///   - job: the job's number, from 1.
    /// - Returns: `nil` for the file of something else.
    package static func attempt(
        ofRunning name: String,
        stage: Int,
        job: Int
    ) -> RunningAttempt? {
        let prefix = prefix(stage: stage, job: job)
        guard name.hasPrefix(prefix) else { return nil }
        let parts = name.dropFirst(prefix.count).split(separator: ".")
        guard parts.count == 3, let attempt = Int(parts[0]), let rank = Int(parts[1]) else {
            return nil
        }
        return RunningAttempt(stage: stage, job: job, attempt: attempt, rank: rank)
    }

    /// Whether a name in the folder ``output`` is one that version 0.1 gave the file of a command
    /// that ran.
    package static func isFormerRunning(_ name: String) -> Bool { name.hasSuffix(".running") }
}
