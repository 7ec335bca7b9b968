import DequeModule

/// The last jobs of a worker, as long as each of them fails: what makes it suspect, see
/// ``Quarantine``.
struct Streak: Sendable {
    /// How many jobs are kept, to be tried elsewhere; `nil`: a worker is never suspected.
    let limit: Int?
    /// How many failures in a row make it suspect.
    private var most: Int
    private var length = 0
    private var jobs = Deque<JobFrames>()

    /// - Parameter limit: how many failures in a row make a worker suspect; `nil`: none do.
    init(limit: Int?) {
        self.limit = limit
        most = limit ?? 0
    }

    /// A job did not fail.
    mutating func end() {
        guard length > 0 else { return }
        length = 0
        jobs.removeAll()
    }

    /// A job failed.
    ///
    /// - Returns: whether this worker is suspect now.
    mutating func add(_ index: Int, _ bytes: ArraySlice<UInt8>) -> Bool {
        guard let limit else { return false }
        length += 1
        var job = JobFrames(first: index)
        job.append(bytes)
        jobs.append(job)
        if jobs.count > limit { jobs.removeFirst() }
        return length >= most
    }

    /// A job failed that runs once more.
    ///
    /// - Returns: whether this worker is suspect now.
    mutating func addRetried() -> Bool {
        guard limit != nil else { return false }
        length += 1
        return length >= most
    }

    /// The jobs to try elsewhere.
    var message: [UInt8] { jobs.flatMap(\.message) }

    /// The jobs were to blame. So that stages whose jobs all fail do not run each of them twice, it
    /// takes twice as many the next time.
    mutating func forgive() {
        end()
        most = min(most * 2, 1 << 20)
    }
}
