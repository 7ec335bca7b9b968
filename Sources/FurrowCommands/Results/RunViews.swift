package import FurrowViews

/// What people see of a run, made from its directory.
package enum RunViews {
    /// The report of a run.
    ///
    /// - Parameter directory: the run's directory.
    /// - Throws: if it has no run, or the run cannot be read.
    package static func report(of directory: String) throws -> RunReport {
        let stages = try RecordedStages(of: directory, keepsAttempts: true)
        return try RunReport(of: stages.run, stages.planned)
    }

    /// The trace of a run.
    ///
    /// - Parameter directory: the run's directory.
    /// - Throws: if it has no run, or the run cannot be read.
    package static func trace(of directory: String) throws -> RunTrace {
        let stages = try RecordedStages(of: directory, keepsAttempts: true)
        return try RunTrace(of: stages.run, stages.planned)
    }
}
