import FurrowSystem

/// The files written at the end of a stage: the table of its results, and a log in GNU parallel's
/// form.
package struct StageFiles {
    private let layout: RunLayout
    /// The stage's label, where it is one of several.
    private let stage: String?
    private let isLast: Bool
    private let keepsResults: Bool
    private let ends: StageEnds

    /// - Parameters:
    ///   - directory: the run's directory.
    ///   - stage: the stage's label.
    ///   - isAlone: whether the run has only this stage.
    ///   - isLast: whether this is the last stage.
    ///   - ends: how the run's stages ended.
    ///   - keepsResults: whether the application has written the table itself.
    package init(
        in directory: String,
        stage: String,
        isAlone: Bool,
        isLast: Bool,
        ends: StageEnds,
        keepsResults: Bool = false
    ) {
        layout = RunLayout(directory)
        self.isLast = isLast
        self.keepsResults = keepsResults
        self.ends = ends
        self.stage = isAlone ? nil : stage
    }

    /// Of several stages each has a file of its own.
    package var resultsPath: String { stage.map(layout.results(of:)) ?? layout.results }

    /// Writes them in one pass over the jobs.
    ///
    /// - Parameters:
    ///   - table: the stage's jobs.
    ///   - joblog: a further path for the log of the last stage.
    ///   - body: called with each job that ended, and its row.
    /// - Returns: the counts of the jobs.
    /// - Throws: if the journal cannot be read or lacks jobs, or a file cannot be written.
    package func write(
        _ table: StageTable,
        joblog extra: String? = nil,
        alongside body: (StageTable.Job, [Cell]) throws -> Void = { _, _ in }
    ) throws -> RunRecord.StageCounts {
        var resultsPaths = [resultsPath]
        var joblogPaths = [stage.map(layout.joblog(of:)) ?? layout.joblog]
        if isLast {
            resultsPaths.append(layout.results)
            joblogPaths += [layout.joblog] + (extra.map { [$0] } ?? [])
        }
        if keepsResults { resultsPaths.removeAll { $0 == layout.results } }
        let tables = try Self.files(resultsPaths)
        let logs = try Self.files(joblogPaths)
        for file in tables { try file.write(Array(TextTable.csvLine(table.columns).utf8)) }
        for file in logs { try file.write(Array(JoblogRecord.header.utf8)) }
        var counts = table.emptyCounts
        try table.forEachJob { job in
            counts.count(job.attempt?.record.state)
            let row = table.row(of: job)
            if !tables.isEmpty {
                let line = Array(TextTable.csvLine(row.map(\.text)).utf8)
                for file in tables { try file.write(line) }
            }
            try body(job, row)
            guard let record = table.joblogRecord(of: job) else { return }
            let line = record.line
            for file in logs { try file.write(line) }
        }
        for file in tables + logs { try file.finish() }
        if let warning = table.warning { StandardError.write("Warning: \(warning)") }
        try ends.compare(counts.succeeded, of: table.stage, in: layout.directory)
        return counts
    }

    private static func files(_ paths: [String]) throws(FileError) -> [StreamedFile] {
        var known: Set<String> = []
        var files: [StreamedFile] = []
        for path in paths where known.insert(path).inserted { files.append(try StreamedFile(path)) }
        return files
    }
}
