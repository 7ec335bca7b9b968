import FurrowRuns
import FurrowScheduling

/// What rank 0 needs to know if a rank dies in a stage, and which have.
struct Losses: Sendable {
    typealias NumberedResult = (number: Int, result: any Sendable)

    /// Tells of deaths; `nil` where nothing can.
    let watch: LossWatch?
    let ledger: StageLedger
    /// How many more ranks may die.
    let most: Int
    /// Whether the jobs have results, which are in their worker's memory.
    let areKept: Bool
    /// Reads a dead rank's results, from its records and, where a job makes them anew, its jobs.
    let results: @Sendable (LostRecords, [JobFrames]) throws -> [NumberedResult]
    /// The jobs that workers hold.
    var dealt: DealtFrames
    /// The ranks that died in this stage.
    var ranks: Set<Int> = []
    /// How many workers died with a job.
    var deaths: [Int: Int] = [:]

    /// - Parameters:
    ///   - watch: tells of deaths.
    ///   - generator: the stage's.
    ///   - ledger: the stage's.
    ///   - options: the runner's.
    ///   - workers: how many ranks there are besides rank 0.
    ///   - earlier: how many have died before this stage.
    init<Generator: JobGenerator>(
        _ watch: LossWatch?,
        _ generator: Generator,
        _ ledger: StageLedger,
        _ options: RunOptions,
        workers: Int,
        earlier: Int
    ) {
        typealias Work = Generator.Work
        let wrapper = generator as? any WrapsJobs
        self.watch = watch
        self.ledger = ledger
        most = (options.maxLost ?? workers) - earlier
        areKept = Work.Output.self != Void.self
        let areMade = Work.self is any JournalsOtherwise.Type
        dealt = DealtFrames(
            workers: workers,
            // In memory for the whole stage, so only where they will be needed.
            keepsEnded: areMade && options.onLoss == .continue && ledger.isJournaled
        )
        results = { records, frames in
            guard areMade else { return try records.results(Work.Output.self) }
            let decode = Work.coding.makeDecoder()
            var results: [NumberedResult] = []
            for var frames in frames {
                while var (_, bytes) = frames.popFirst() {
                    let ticket = JobTicket(takingFrom: &bytes, isJournaled: true)
                    if ticket.isUncodable { continue }
                    let bare = try bytes.withUnsafeBytes { try decode($0) }
                    let job = wrapper?.wrapped(bare) as? Work ?? bare
                    let result = try records.result(of: job, ticket)
                    if let result { results.append((ticket.number, result)) }
                }
            }
            return results
        }
    }
}
