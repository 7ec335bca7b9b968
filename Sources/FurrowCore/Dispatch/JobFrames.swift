import DequeModule

/// Neighbouring jobs in encoded form, each with its length in eight bytes in front.
struct JobFrames: Sendable {
    /// The first job's number.
    private(set) var first: Int
    private(set) var count: Int
    private var bytes: [UInt8]
    private var offset: Int

    init(first: Int) {
        self.first = first
        count = 0
        bytes = []
        offset = 0
    }

    /// Reads a ``message``.
    init(message: [UInt8]) {
        first = message.integer(at: 0)
        count = message.integer(at: 8)
        bytes = message
        offset = 16
    }

    /// Reads one of several joined messages, and moves `start` to the next.
    init(reading messages: [UInt8], at start: inout Int) {
        self.init(first: messages.integer(at: start))
        let jobs = messages.integer(at: start + 8)
        start += 16
        for _ in 0..<jobs {
            let length = messages.integer(at: start)
            append(messages[(start + 8)..<(start + 8 + length)])
            start += 8 + length
        }
    }

    var isEmpty: Bool { count == 0 }
    var jobs: Range<Int> { first..<first + count }
    /// The number that the first job has in its stage; `nil` if there is none.
    var firstJobNumber: Int? {
        guard !isEmpty else { return nil }
        var job = bytes[(offset + 8)...]
        return JobTicket(takingFrom: &job, isJournaled: false).number
    }
    /// The size in bytes.
    var size: Int { bytes.count - offset }

    /// The first job's number, the number of jobs, then the frames.
    var message: [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(16 + size)
        message.append(integer: first)
        message.append(integer: count)
        message += bytes[offset...]
        return message
    }

    mutating func append(_ job: some Collection<UInt8>) {
        bytes.append(integer: job.count)
        bytes.append(contentsOf: job)
        count += 1
    }

    /// Removes the first job and returns its number and bytes.
    mutating func popFirst() -> (index: Int, bytes: ArraySlice<UInt8>)? {
        guard count > 0 else { return nil }
        let start = offset + 8
        let end = start + bytes.integer(at: offset)
        defer {
            offset = end
            first += 1
            count -= 1
        }
        return (first, bytes[start..<end])
    }

    /// Takes back the job of so many bytes that was last removed from the front.
    mutating func putBack(_ size: Int) {
        offset -= 8 + size
        first -= 1
        count += 1
    }

    /// The first jobs, at most `limit`.
    func first(_ limit: Int) -> JobFrames {
        var rest = self
        return rest.popFirst(limit)
    }

    /// Removes and returns the first jobs, at most `limit`.
    mutating func popFirst(_ limit: Int) -> JobFrames {
        if limit >= count {
            defer { self = JobFrames(first: first + count) }
            return self
        }
        var end = offset
        for _ in 0..<limit { end += 8 + bytes.integer(at: end) }
        var taken = JobFrames(first: first)
        taken.bytes = Array(bytes[offset..<end])
        taken.count = limit
        offset = end
        first += limit
        count -= limit
        return taken
    }
}

/// The jobs on rank 0 that have not been dealt, by number.
struct FrameStore {
    private var frames: [Int: JobFrames] = [:]

    mutating func insert(_ new: JobFrames) {
        if !new.isEmpty { frames[new.first] = new }
    }

    /// Removes and returns jobs; a piece must begin with the first of them.
    mutating func take(_ jobs: Range<Int>) -> JobFrames {
        guard var found = frames.removeValue(forKey: jobs.lowerBound), found.count >= jobs.count
        else { preconditionFailure("rank 0 deals jobs \(jobs), which it does not have") }
        let taken = found.popFirst(jobs.count)
        insert(found)
        return taken
    }
}
