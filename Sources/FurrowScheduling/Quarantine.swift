/// Decides which workers are taken out of a stage, because jobs fail there that succeed elsewhere: a
/// state machine without MPI and without a clock, like ``Dispatcher``.
///
/// A worker whose last jobs have all failed is suspected: it gets no more jobs, and those that failed
/// are tried on other workers. The first of them that ends there decides. If it succeeds, the worker
/// is taken out. If it fails too, the jobs are to blame, and the worker goes on. So it does at once
/// where the last jobs of all others have failed as well, or nobody else is at work: one worker
/// always remains.
package struct Quarantine: Sendable {
    package enum Verdict: Sendable, Equatable {
        /// The jobs are to blame.
        case goesOn(worker: Int)
        /// The worker is to blame.
        case takenOut(worker: Int)
    }

    private enum State: Sendable { case atWork, suspected, out }

    private var states: [State]
    /// Whether a worker's last jobs failed.
    private var isFailing: [Bool]
    /// Which suspected worker's failed job it is that is tried elsewhere.
    private var tried: [Int: Int] = [:]

    /// - Parameter workers: how many workers take jobs.
    package init(workers: Int) {
        states = Array(repeating: .atWork, count: workers)
        isFailing = Array(repeating: false, count: workers)
    }

    /// Whether jobs of a suspected worker are being tried elsewhere.
    package var isTrying: Bool { !tried.isEmpty }

    /// A worker's last jobs have all failed.
    ///
    /// - Parameters:
    ///   - worker: the worker; it starts no job until there is a verdict.
    ///   - jobs: those jobs.
    /// - Returns: whether they are to be tried elsewhere. If not, the worker goes on.
    package mutating func suspect(_ worker: Int, of jobs: some Sequence<Int>) -> Bool {
        let canTry = states.indices.contains {
            $0 != worker && states[$0] == .atWork && !isFailing[$0]
        }
        guard states[worker] == .atWork, canTry else { return false }
        states[worker] = .suspected
        for job in jobs { tried[job] = worker }
        return true
    }

    /// Jobs have ended on a worker.
    ///
    /// - Parameters:
    ///   - jobs: the jobs; only needed while some are being tried.
    ///   - worker: the worker.
    ///   - succeeded: how many of them succeeded.
    ///   - failed: how many of them failed.
    /// - Returns: what follows for other workers.
    package mutating func heed(
        _ jobs: some Sequence<Int>,
        on worker: Int,
        succeeded: Int,
        failed: Int
    ) -> [Verdict] {
        if succeeded + failed > 0 { isFailing[worker] = succeeded == 0 }
        var verdicts: [Verdict] = []
        for job in jobs {
            guard let worker = tried[job] else { continue }
            // Which of several jobs succeeded is not told: the most of them decide.
            let isToBlame = succeeded > failed
            tried = tried.filter { $0.value != worker }
            states[worker] = isToBlame ? .out : .atWork
            verdicts.append(isToBlame ? .takenOut(worker: worker) : .goesOn(worker: worker))
        }
        return verdicts
    }

    /// A worker can run no jobs at all.
    ///
    /// - Returns: false if nobody could run its jobs. Otherwise the verdicts on suspected workers,
    ///   which go on if nobody else is at work.
    package mutating func remove(_ worker: Int) -> [Verdict]? {
        guard states.indices.contains(where: { $0 != worker && states[$0] != .out }) else {
            return nil
        }
        states[worker] = .out
        tried = tried.filter { $0.value != worker }
        guard !states.contains(.atWork) else { return [] }
        tried = [:]
        let suspected = states.indices.filter { states[$0] == .suspected }
        for worker in suspected { states[worker] = .atWork }
        return suspected.map { .goesOn(worker: $0) }
    }
}
