import FurrowRuns
import FurrowSystem
import HeapModule

/// A job that failed in an attempt and is to run once more.
struct Retry: Codable, Sendable, Equatable {
    /// The job as it is dealt, with its next attempt.
    var job: [UInt8]
    /// How the last attempt ended.
    var failure: JobFailure

    /// - Parameters:
    ///   - index: the job's index among those that are dealt.
    ///   - bytes: the job as it was dealt.
    ///   - isJournaled: whether jobs have identities.
    ///   - deaths: how many processes have ended while they ran it; `nil`: as many as before.
    ///   - failure: how the attempt ended.
    init(
        _ index: Int,
        _ bytes: ArraySlice<UInt8>,
        isJournaled: Bool,
        deaths: Int? = nil,
        after failure: JobFailure
    ) {
        var rest = bytes
        var ticket = JobTicket(takingFrom: &rest, isJournaled: isJournaled)
        ticket.attempt = failure.attempt + 1
        ticket.deaths = deaths ?? ticket.deaths
        var next: [UInt8] = []
        ticket.append(to: &next)
        var frames = JobFrames(first: index)
        frames.append(next + rest)
        job = frames.message
        self.failure = failure
    }

    /// The job, to be dealt again.
    var frames: JobFrames { JobFrames(message: job) }
}

/// The jobs of a stage that failed and run once more, on rank 0.
struct Retries: Sendable {
    /// One whose delay has not passed, and who had it.
    private struct Delayed: Comparable {
        var due: MonotonicTime
        /// Of those that are due at once, the first comes first.
        var number: Int
        var retry: Retry
        var worker: Int

        static func < (left: Delayed, right: Delayed) -> Bool {
            (left.due, left.number) < (right.due, right.number)
        }
    }

    private var delayed = Heap<Delayed>()
    private var count = 0
    /// The last failures of those that were dealt again, by the jobs' indices.
    private var running: [Int: JobFailure] = [:]

    /// Whether some were dealt again and have not ended.
    var areRunning: Bool { !running.isEmpty }

    mutating func add(_ retry: Retry, from worker: Int, due: MonotonicTime) {
        count += 1
        delayed.insert(Delayed(due: due, number: count, retry: retry, worker: worker))
    }

    /// Removes and returns one whose delay has passed.
    mutating func next(
        at now: @autoclosure () -> MonotonicTime
    ) -> (frames: JobFrames, worker: Int)? {
        guard let first = delayed.min, first.due <= now() else { return nil }
        delayed.removeMin()
        let frames = first.retry.frames
        running[frames.first] = first.retry.failure
        return (frames, first.worker)
    }

    /// Jobs have ended.
    mutating func end(_ jobs: some Sequence<Int>) {
        for job in jobs { running[job] = nil }
    }

    /// Removes and returns those that will not run.
    ///
    /// - Returns: their failures, and how many of them had been dealt again.
    mutating func giveUp() -> (failures: [JobFailure], dealt: Int) {
        defer {
            delayed = []
            running = [:]
        }
        let failures = delayed.unordered.sorted().map(\.retry.failure)
        return (failures + running.values, running.count)
    }
}
