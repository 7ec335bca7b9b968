/// How many jobs travel in one batch.
///
/// A message between ranks costs some microseconds on both ends, however many jobs it carries. So a
/// batch is about 2 ms of work: long enough that the message costs less than 1 % of it, and short
/// enough that the last batches of a stage end together. A job of one second travels alone.
struct BatchPolicy: Sendable {
    /// The work of one batch in seconds, if rank 0 has few workers.
    static let least = 0.002
    /// Rank 0's time for one batch in seconds: a report, a deal, and the same again in reserve.
    /// With more workers than rank 0 could serve within a batch, batches are longer.
    static let service = 10e-6
    /// The most jobs in one batch. Its buffers stay below 128 KB; above that malloc maps new memory
    /// each time, with a page fault for every 4 KB. Measured with bitwise-copyable jobs: 3.4
    /// million a second in batches of 8192, 4.3 million in batches of 2048.
    static let most = 2048
    /// How much larger than the last batch the next may be. The first jobs tell little about the
    /// rest.
    static let growth = 8

    /// The work of one batch in seconds.
    static func target(workers: Int) -> Double { max(least, service * Double(workers)) }

    private let chunk: Int?
    private let target: Double
    private var meanTime: Double?
    private var last = 1
    /// The most jobs that fit a message, from their size.
    var mostPerMessage = Self.most

    /// - Parameters:
    ///   - chunk: a fixed number of jobs a batch, or `nil` to adapt.
    ///   - workers: how many workers take batches.
    init(chunk: Int?, workers: Int) {
        self.chunk = chunk
        target = Self.target(workers: workers)
    }

    /// Adds the time of finished jobs. A rise counts at once, so that jobs that become longer do
    /// not travel in large batches; a fall counts by a quarter.
    mutating func record(jobs: Int, seconds: Double) {
        guard jobs > 0 else { return }
        let time = seconds / Double(jobs)
        if let mean = meanTime, time < mean {
            meanTime = 0.75 * mean + 0.25 * time
        } else {
            meanTime = time
        }
    }

    /// The work of a batch as large as the last, in seconds.
    var batchSeconds: Double { Double(last) * (meanTime ?? 0) }

    /// The size of the next batch.
    ///
    /// - Parameter share: how many jobs each worker would get if the waiting ones were dealt
    ///   evenly.
    mutating func next(share: Int) -> Int {
        if let chunk {
            last = chunk
            return chunk
        }
        guard let meanTime else { return 1 }
        let wanted = Int(min(target / max(meanTime, 1e-9), Double(Self.most)))
        last = max(1, min(wanted, last * Self.growth, mostPerMessage, max(share, 1)))
        return last
    }
}
