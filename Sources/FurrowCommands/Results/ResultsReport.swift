import Furrow

/// What `furrow results` shows.
public struct ResultsReport {
    private let stage: RecordedStage

    /// - Parameters:
    ///   - directory: the run's directory.
    ///   - name: the stage; the last, if `nil`.
    /// - Throws: ``Furrow/UsageError`` where there is no such stage.
    public init(of directory: String, stage name: String?) throws {
        let sweep = try Sweep(reopening: directory)
        stage = RecordedStage(
            try sweep.stage(name),
            in: directory,
            try JournalIndex(of: directory)
        )
    }

    /// The rows of all jobs.
    ///
    /// - Parameter onlyFailed: leaves out those that did not fail.
    public func table(onlyFailed: Bool) throws -> ResultsTable {
        try stage.table { !onlyFailed || $0?.state == .failed }
    }
}

extension Sweep {
    /// A stage by name; the last, if `nil`.
    func stage(_ name: String?) throws -> Stage {
        guard let name else { return stages[stages.count - 1] }
        if let stage = stages.first(where: { $0.settings.name == name }) { return stage }
        let names = stages.map(\.settings.name).joined(separator: ", ")
        throw UsageError("there is no stage '\(name)' (there are: \(names))")
    }
}
