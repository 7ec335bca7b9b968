/// Where a run keeps its files: every name in its directory, and of what stands beside that.
package struct RunLayout: Sendable, Hashable {
    /// The run's directory.
    package let directory: String

    /// - Parameter directory: the run's directory.
    package init(_ directory: String) { self.directory = directory }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }

    // MARK: The run

    /// What the run is and was.
    package var record: String { path("run.json") }
    /// What rank 0 knows of a running stage.
    package var state: String { path("state.json") }
    /// Who writes into the directory.
    package var lock: String { path("lock") }
    /// The sweep, or the configuration of an application, as it was given.
    package var configuration: String { path("sweep.yaml") }
    /// What the jobs of the sweep's stages were besides their parameters.
    package var definitions: String { path("definitions.json") }
    /// How the jobs of an application differ from those in the journal.
    package var changes: String { path("changes.json") }
    /// The folder of the files that the sweep names.
    package var inputs: String { path("inputs") }

    /// A file that the sweep names.
    ///
    /// - Parameter name: what it is called among the inputs.
    package func input(_ name: String) -> String { "\(inputs)/\(name)" }

    /// The batch script of a run that was submitted.
    package var batchScript: String { path("job.sbatch") }
    /// SLURM's number of the job that was submitted.
    package var slurmJob: String { path("slurm-job") }

    // MARK: The journal

    /// The folder of the journal.
    package var journal: String { path("journal") }

    /// A rank's part of the journal.
    package func journal(rank: Int) -> String {
        "\(journal)/\(Self.worker(rank))\(Self.journalSuffix)"
    }

    /// The large results of a rank's jobs.
    package func largeResults(rank: Int) -> String {
        "\(journal)/\(Self.worker(rank))\(Self.largeResultsSuffix)"
    }

    /// The job that a rank runs at the moment.
    package func running(rank: Int) -> String {
        "\(journal)/\(Self.worker(rank))\(Self.runningSuffix)"
    }

    /// The rank whose running job a file of that name has; `nil` for other files.
    static func rankOfRunning(_ name: String) -> Int? {
        guard name.hasPrefix(workerPrefix), name.hasSuffix(runningSuffix) else { return nil }
        return Int(name.dropFirst(workerPrefix.count).dropLast(runningSuffix.count))
    }

    /// The large results beside a part of the journal.
    ///
    /// - Parameter path: that part's path.
    static func largeResults(beside path: String) -> String {
        String(path.dropLast(journalSuffix.count)) + largeResultsSuffix
    }

    /// Whether a file of that name is a part of the journal.
    package static func isJournal(_ name: String) -> Bool { name.hasSuffix(journalSuffix) }

    private static let journalSuffix = ".jsonl"
    private static let largeResultsSuffix = ".results"
    private static let runningSuffix = ".running"
    static let workerPrefix = "worker-"

    /// What the files of one rank are called, as they sort: `worker-0003`.
    static func worker(_ rank: Int) -> String {
        let digits = "\(rank)"
        return workerPrefix + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    // MARK: The tables

    /// The table of the results; of several stages that of the last.
    package var results: String { path(Self.resultsName) }
    /// The log in GNU parallel's form; of several stages that of the last.
    package var joblog: String { path(Self.joblogName) }

    /// The table of one of several stages.
    ///
    /// - Parameter stage: the stage's label.
    package func results(of stage: String) -> String {
        path("\(Self.fileName(of: stage)).\(Self.resultsName)")
    }

    /// The log of one of several stages.
    ///
    /// - Parameter stage: the stage's label.
    package func joblog(of stage: String) -> String {
        path("\(Self.fileName(of: stage)).\(Self.joblogName)")
    }

    // MARK: Views

    /// The report, a page for a browser.
    package var report: String { path("report.html") }
    /// The trace of what every rank did.
    package var trace: String { path("trace.json") }

    private static func fileName(of stage: String) -> String { stage.replacing("/", with: "_") }

    /// What ``results`` is called: an application may write that table itself.
    package static let resultsName = "results.csv"
    private static let joblogName = "joblog.tsv"

    /// Whether a run writes a file of that name.
    package static func writes(_ name: String) -> Bool {
        let layout = RunLayout("")
        let files = [
            layout.state, layout.lock, layout.configuration, layout.definitions, layout.inputs,
            layout.changes, layout.journal, layout.output, layout.report,
        ]
        return files.contains("/\(name)")
            || [resultsName, joblogName].contains { name.hasSuffix($0) }
    }

    // MARK: Beside the run

    /// The link to the newest of the runs of one name, which stands beside them.
    package static let latest = "latest"
}
