import Foundation
import FurrowRuns
import FurrowSystem
import Synchronization

/// Numbers a stage's jobs as they are generated, and holds back those that an earlier run has
/// completed. On rank 0.
final class StageLedger: Sendable {
    /// A job that does not run again.
    struct Kept: Sendable {
        var number: Int
        var identity: JobIdentity
        var entry: JournalIndex.Entry
        /// Its result, until it is taken.
        var result: (any Sendable)?
    }

    private struct State: Sendable {
        var identities: JobIdentities
        /// The jobs' identities in version 0.1, if the journal has records of that version.
        var former: JobIdentities?
        var kept: [Kept] = []
        var keptFailures = 0
        /// The numbers of jobs in the journal that run again, or are left out.
        var met: [JobIdentity: Int] = [:]
        /// Records of version 0.1 of jobs that run again, and then have one of this version.
        var replaced: Set<JobIdentity> = []
        /// Those that jobs gave themselves.
        var numbers: Set<Int> = []
        /// The names of the first job's parameters, as they are declared.
        var parameterNames: [String] = []
        /// Whether a result of another version was mentioned.
        var hasWarned = false
        /// The results of ranks that died in this stage, by job number.
        var adopted: [(number: Int, result: any Sendable)] = []
    }

    private let stage: StageIdentity
    private let index: JournalIndex?
    private let results: KeptResultReader?
    private let keepsFailures: Bool
    private let crashLimit: Int
    private let skipped: Set<Int>
    private let state: Mutex<State>
    /// The number of jobs entered.
    private let count = Atomic(0)
    private let leftOutCount = Atomic(0)

    /// How many jobs were left out on request.
    var leftOut: Int { leftOutCount.load(ordering: .relaxed) }

    /// - Parameters:
    ///   - stage: the stage.
    ///   - index: the index of the run's journal; `nil` for a run without a journal.
    ///   - keepsFailures: whether failed jobs do not run again either.
    ///   - crashLimit: of how many deaths a job has failed for good.
    ///   - skipped: the numbers of jobs that are left out.
    init(
        stage: StageIdentity,
        index: JournalIndex?,
        keepsFailures: Bool = false,
        crashLimit: Int = RunOptions().crashLimit,
        skipped: Set<Int> = []
    ) {
        self.stage = stage
        self.index = index
        results = index.map { KeptResultReader($0) }
        self.keepsFailures = keepsFailures
        self.crashLimit = crashLimit
        self.skipped = skipped
        let former = index?.hasFormerRecords == true ? stage.formerKey : nil
        state = Mutex(
            State(
                identities: JobIdentities(stage: stage.key),
                former: former.map { JobIdentities(stage: $0) }
            )
        )
    }

    /// A ledger that continues a journal, or one without a journal, as a runner's options say.
    convenience init(stage: StageIdentity, _ options: RunOptions) throws {
        let index = try options.journal.map { try JournalIndex(of: $0.directory) }
        if let damaged = index?.damaged, !damaged.isEmpty {
            StandardError.write(
                "Warning: lines of the journal are damaged, as a killed run may leave them, and "
                    + "ignored: \(damaged.listed(most: 3))"
            )
        }
        self.init(
            stage: stage,
            index: index,
            keepsFailures: options.journal?.keepsFailures ?? false,
            crashLimit: options.crashLimit,
            skipped: options.skipped
        )
        // Until all jobs of this start are known.
        if !options.hasUniqueStage, let directory = options.journal?.directory {
            try StageChanges(of: place).write(in: directory)
        }
    }

    private var place: JournalIndex.Stage {
        JournalIndex.Stage(name: stage.name, occurrence: stage.occurrence)
    }

    /// Takes a number that a job gave itself.
    private func take(_ number: Int) throws(WrongJobNumber) -> Int {
        guard 0..<1 << 48 ~= number else { throw WrongJobNumber(number: number, isTaken: false) }
        let isNew = state.withLock { $0.numbers.insert(number).inserted }
        guard isNew else { throw WrongJobNumber(number: number, isTaken: true) }
        return number
    }

    /// Enters the next job.
    ///
    /// - Returns: its ticket; `nil` for a job that does not run, or not again.
    /// - Throws: ``UncodableJob``; ``WrongJobNumber``; an error if the journal cannot be read.
    func enter<Work: Job>(_ job: Work) throws -> JobTicket? {
        let place = count.add(1, ordering: .relaxed).oldValue
        var number = place
        if let own = job.jobNumber { number = try take(own) }
        let isSkipped = skipped.contains(number)
        guard let index else { return isSkipped ? leaveOut() : JobTicket(number: number) }
        let canonical: [UInt8]
        do {
            canonical = try job.canonicalParameters()
            if place == 0 {
                // For the order of columns alone, so no reason to fail.
                if let names = try? declaredNames(of: job) {
                    state.withLock { $0.parameterNames = names }
                }
            }
        } catch {
            guard isSkipped else { throw UncodableJob(number: number, error) }
            return leaveOut()
        }
        let (identity, recorded) = state.withLock { state in
            let identity = state.identities.next(canonical)
            let former = state.former?.next(canonical)
            let isFormer = index.entries[identity] == nil
            return (identity, isFormer ? former ?? identity : identity)
        }
        let earlier = index.entries[recorded]
        if let earlier {
            if !isSkipped || earlier.state == .succeeded,
                try keep(job, number, recorded, earlier)
            {
                return nil
            }
            state.withLock {
                $0.met[recorded] = number
                if recorded != identity, !isSkipped { $0.replaced.insert(recorded) }
            }
        }
        if isSkipped { return leaveOut() }
        var ticket = JobTicket(number: number, identity: identity)
        ticket.hasFailed = earlier?.state == .failed
        return ticket
    }

    /// The names of the first job's parameters, as they are declared; none without a journal.
    var parameterNames: [String] { state.withLock { $0.parameterNames } }

    /// Counts a job that is left out, and has no ticket.
    private func leaveOut() -> JobTicket? {
        leftOutCount.add(1, ordering: .relaxed)
        return nil
    }

    /// Holds back a job that an earlier run has completed.
    ///
    /// - Returns: false if it is to run again.
    private func keep(
        _ job: some Job,
        _ number: Int,
        _ identity: JobIdentity,
        _ entry: JournalIndex.Entry
    ) throws -> Bool {
        var kept = Kept(number: number, identity: identity, entry: entry)
        switch entry.state {
        case .succeeded:
            // Not under the lock: it may be large.
            do {
                kept.result = try results?.result(of: job, number, at: entry)
            } catch let error where !(error is FileError) {
                warn(of: error, number)
                return false
            }
        // A job of which processes die would end every run again.
        case .failed where keepsFailures || entry.deaths?.isFinal(at: crashLimit) == true: break
        case .failed, .cancelled: return false
        }
        state.withLock { [kept] state in
            state.kept.append(kept)
            if entry.state == .failed { state.keptFailures += 1 }
        }
        return true
    }

    /// Says once that a result is of another form: the program has changed since, or a disk has.
    private func warn(of error: any Error, _ number: Int) {
        let isFirst = state.withLock { state in
            defer { state.hasWarned = true }
            return !state.hasWarned
        }
        guard isFirst else { return }
        StandardError.write(
            "\(stage.name): the earlier result of job \(number + 1) cannot be read "
                + "(\(message(of: error))); it runs again, and so do others like it"
        )
    }

    /// How the jobs, all of which were entered, differ from those in the journal; `nil` without one.
    var changes: StageChanges? {
        guard let index else { return nil }
        let own = place
        var changes = StageChanges(of: own)
        let (kept, met, replaced) = state.withLock { ($0.kept, $0.met, $0.replaced) }
        let numbers = met.merging(kept.lazy.map { ($0.identity, $0.number) }) { $1 }
        for (identity, entry) in index.entries where index.stage(of: entry) == own {
            guard let number = numbers[identity], !replaced.contains(identity) else {
                changes.removed.insert(identity)
                continue
            }
            if number + 1 != entry.job { changes.numbers[identity] = number + 1 }
        }
        return changes
    }

    /// Whether jobs may be held back.
    var hasRecords: Bool { index?.entries.isEmpty == false }

    /// Whether the jobs are recorded, and so have an identity.
    var isJournaled: Bool { index != nil }

    /// Reads what a rank that died has recorded in this stage.
    ///
    /// - Returns: `nil` without a journal.
    func records(of rank: Int) throws -> LostRecords? {
        guard let index else { return nil }
        return LostRecords(try index.additions(of: rank), of: stage)
    }

    /// Takes over results of a rank that died.
    func adopt(_ results: [(number: Int, result: any Sendable)]) {
        state.withLock { $0.adopted += results }
    }

    /// How many jobs did not run again: those that had succeeded, and those that had failed.
    var keptCounts: (succeeded: Int, failed: Int) {
        state.withLock { ($0.kept.count - $0.keptFailures, $0.keptFailures) }
    }

    /// The results of earlier runs and of ranks that died, with the jobs' numbers. They can be taken
    /// once.
    func takeKeptResults<Output: Sendable>(_ type: Output.Type) -> [(number: Int, Output)] {
        state.withLock { state in
            defer { state.adopted = [] }
            let kept: [(number: Int, Output)] = state.kept.indices.compactMap { place in
                guard let result = state.kept[place].result as? Output else { return nil }
                state.kept[place].result = nil
                return (state.kept[place].number, result)
            }
            return kept
                + state.adopted.compactMap { job in
                    (job.result as? Output).map { (job.number, $0) }
                }
        }
    }

    /// The first hundred failures kept from earlier runs.
    func keptFailures() throws -> [JobFailure] {
        guard let index else { return [] }
        let failed = state.withLock { $0.kept }.filter { $0.entry.state == .failed }
        guard !failed.isEmpty else { return [] }
        let reader = JournalReader(index)
        return try failed.prefix(StageFailure.detailLimit).map { kept in
            let (record, parameters, _) = try reader.attempt(at: kept.entry)
            return JobFailure(
                index: kept.number,
                record,
                parameters: parameters,
                message: (record.message ?? "failed in an earlier run")
                    + (record.deaths?.isFinal(at: crashLimit) == true
                        ? "; it does not run again until the program is rebuilt" : "")
            )
        }
    }
}
