import Foundation
package import FurrowSystem

/// Reads what happened in a run from its record and its journal, for sweeps and typed applications,
/// during and after the run.
package struct RunReader {
    /// The run's directory.
    package let directory: String
    /// Its record; `nil` if it was lost: the journal is then enough.
    package private(set) var record: RunRecord?
    /// Its journal.
    package private(set) var index: JournalIndex
    /// How an application's jobs differ from those in the journal.
    private var changes: [JournalIndex.Stage: StageChanges]

    /// - Parameters:
    ///   - directory: the run's directory.
    ///   - keepsAttempts: whether to keep all attempts while the journal is read.
    /// - Throws: if it has no run, or the run cannot be read.
    package init(of directory: String, keepsAttempts: Bool = false) throws {
        self.directory = directory
        record = try Self.record(of: directory)
        index = try JournalIndex(of: directory, keepsAttempts: keepsAttempts)
        changes = try StageChanges.read(in: directory)
    }

    /// Reads the lines added since.
    package mutating func refresh() throws {
        record = try Self.record(of: directory)
        try index.refresh()
        changes = try StageChanges.read(in: directory)
    }

    /// What is known of a stage of an application.
    ///
    /// - Parameters:
    ///   - stage: the stage.
    ///   - parameters: the names of its parameters in order; default: those in the record.
    package func recordedPlan(
        of stage: JournalIndex.Stage,
        parameters: [String]? = nil
    ) -> RecordedPlan {
        let counts = record?.counts?.first { $0.stage == stage.label }
        return RecordedPlan(
            total: total(of: stage),
            changes: changes[stage],
            parameterOrder: parameters ?? counts?.parameters ?? []
        )
    }

    /// All attempts at all jobs: those that were kept, or those that the journal has now.
    ///
    /// - Throws: if the journal cannot be read.
    package func attempts() throws -> JournalAttempts {
        if let kept = index.attempts { return kept }
        let read = try JournalIndex(of: directory, keepsAttempts: true)
        return read.attempts ?? JournalAttempts()
    }

    private static func record(of directory: String) throws -> RunRecord? {
        do {
            return try RunRecord(of: directory)
        } catch is InputError {
            return nil
        }
    }

    /// The stages of the record, then those that only the journal has.
    package var stages: [JournalIndex.Stage] {
        var seen: [String: Int] = [:]
        let recorded = (record?.stages ?? []).map { name in
            seen[name, default: 0] += 1
            return JournalIndex.Stage(name: name, occurrence: seen[name, default: 1])
        }
        return recorded + index.stages.filter { !recorded.contains($0) }
    }

    /// How many jobs a stage has, if they were counted at its end or while it ran.
    package func total(of stage: JournalIndex.Stage) -> Int? {
        if let counts = record?.counts?.first(where: { $0.stage == stage.label }) {
            return counts.total
        }
        let state = try? RunState(of: directory)
        return state?.stage == stage.name ? state?.total : nil
    }

    /// The stage with a label; `nil`: the last one that has begun.
    ///
    /// - Throws: ``UsageError`` if there is no such stage.
    package func stage(_ label: String?) throws(UsageError) -> JournalIndex.Stage {
        let stages = stages
        if let label { return try JournalIndex.Stage.find(label, among: stages) }
        guard let last = stages.last(where: index.stages.contains) ?? stages.first else {
            throw UsageError("\(directory) has no stage")
        }
        return last
    }
}

/// Information about a stage's jobs besides their records.
package protocol StagePlan {
    /// How many there are to run, if known.
    var total: Int? { get }
    /// How many numbers jobs may have, if known: more than ``total`` where only some are to run.
    var numberCount: Int? { get }
    /// Whether a job is one of those that are to run.
    func isPlanned(_ number: Int) -> Bool

    /// A job's current number, from 0.
    ///
    /// - Parameters:
    ///   - identity: the job.
    ///   - number: its number, from 0, when the record was made.
    ///   - parameters: reads the record's parameters.
    /// - Returns: `nil` if the job no longer belongs to the stage.
    func number(
        of identity: JobIdentity,
        recordedAs number: Int,
        parameters: () throws -> JSON
    ) throws -> Int?

    /// The names of the parameters, if known beforehand.
    var parameterNames: [String]? { get }
    /// Names of parameters in order, for those that only the journal has.
    var parameterOrder: [String] { get }
    /// A job's parameters, if known beforehand.
    func parameters(at number: Int) -> [(name: String, value: Cell)]?
    /// The results known beforehand, in order.
    var resultNames: [String] { get }
    /// The columns of a record's result.
    func results(in result: JSON) -> [JSON.Member]
    /// The command line of an attempt; `nil` if the job is not a command.
    func command(of number: Int, _ attempt: StageTable.Attempt) -> [UInt8]?
}

extension StagePlan {
    /// All of them.
    package var numberCount: Int? { total }

    /// Any.
    package var parameterOrder: [String] { [] }

    /// All are.
    package func isPlanned(_ number: Int) -> Bool { true }
}

/// A stage of a typed application: everything known about it is in the journal and beside it.
package struct RecordedPlan: StagePlan {
    package let total: Int?
    package let parameterOrder: [String]
    private let changes: StageChanges?
    package var parameterNames: [String]? { nil }
    package var resultNames: [String] { [] }

    /// - Parameters:
    ///   - total: how many jobs there are, if known.
    ///   - changes: how the jobs differ from those in the journal; `nil`: they do not.
    ///   - parameterOrder: the names of the parameters, as they are declared.
    package init(total: Int?, changes: StageChanges? = nil, parameterOrder: [String] = []) {
        self.total = total
        self.parameterOrder = parameterOrder
        self.changes = changes
    }

    package func number(
        of identity: JobIdentity,
        recordedAs number: Int,
        parameters: () throws -> JSON
    ) -> Int? {
        guard let changes else { return number }
        return changes.number(of: identity, recordedAs: number + 1).map { $0 - 1 }
    }

    package func parameters(at number: Int) -> [(name: String, value: Cell)]? { nil }

    package func command(of number: Int, _ attempt: StageTable.Attempt) -> [UInt8]? { nil }

    package func results(in result: JSON) -> [JSON.Member] {
        if case .object = result { return result.flattened() }
        return [JSON.Member("result", result)]
    }
}
