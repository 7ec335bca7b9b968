import DequeModule

/// The jobs that the workers hold, on rank 0: those of a lost worker are dealt again.
///
/// A worker runs its jobs in the order in which they were dealt. So a report costs a number here,
/// and only a loss looks into the bytes.
struct DealtFrames: Sendable {
    private struct Batch: Sendable {
        var frames: JobFrames
        /// How many at the front have ended.
        var ended = 0
        /// How many behind them the worker has.
        var count: Int
    }

    private var batches: [Deque<Batch>]
    /// The jobs of each worker that have ended, if they are kept.
    private var ended: [[JobFrames]]?

    /// - Parameter keepsEnded: whether jobs are kept that have ended.
    init(workers: Int, keepsEnded: Bool = false) {
        batches = Array(repeating: [], count: workers)
        if keepsEnded { ended = Array(repeating: [], count: workers) }
    }

    mutating func deal(_ frames: JobFrames, to worker: Int) {
        batches[worker].append(Batch(frames: frames, count: frames.count))
    }

    /// The job that a worker runs.
    func first(of worker: Int) -> JobFrames? {
        batches[worker].first.map { batch in
            var frames = batch.frames
            _ = frames.popFirst(batch.ended)
            return frames.popFirst(1)
        }
    }

    /// The next jobs of a worker have ended.
    mutating func complete(_ jobs: Int, of worker: Int) {
        var left = jobs
        while left > 0, let first = batches[worker].first {
            if first.count <= left {
                left -= first.count
                ended?[worker].append(first.frames.first(first.ended + first.count))
                batches[worker].removeFirst()
            } else {
                batches[worker][0].ended += left
                batches[worker][0].count -= left
                left = 0
            }
        }
    }

    /// A worker has returned its last jobs.
    mutating func giveBack(_ jobs: Int, from worker: Int) {
        var left = jobs
        while left > 0, let last = batches[worker].last {
            if last.count <= left {
                left -= last.count
                batches[worker].removeLast()
            } else {
                batches[worker][batches[worker].count - 1].count -= left
                left = 0
            }
        }
    }

    /// Removes and returns all that a worker holds, a piece a batch, and all that has ended there, if
    /// that is kept.
    mutating func take(from worker: Int) -> (held: [JobFrames], ended: [JobFrames]) {
        var done = ended?[worker] ?? []
        let held = batches[worker].map { batch in
            var frames = batch.frames
            let front = frames.popFirst(batch.ended)
            if ended != nil { done.append(front) }
            return frames.popFirst(batch.count)
        }
        batches[worker] = []
        ended?[worker] = []
        return (held, done)
    }
}
