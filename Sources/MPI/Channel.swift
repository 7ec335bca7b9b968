import CMPI

/// Point-to-point messages that never block (MPI 3.1, sections 3.7 and 3.8).
///
/// Two blocking sends to each other hang above the transport's eager limit (4 KB in shared memory),
/// and a blocking receive spins. So sends are `MPI_Isend`, kept until they complete, and receives
/// are `MPI_Improbe` and `MPI_Imrecv`. Messages from one sender arrive in order.
///
/// A tag is a message's purpose. Data is in a message's bytes, never in its tag: only 32,767 tag
/// values are guaranteed (section 3.2.3), and the last of them is the channel's own. It is a number
/// here and a type of its own with those who send: a generic channel is not specialised for another
/// module, and took three times as long a message.
@MPIActor
package final class Channel {
    /// A message that arrived.
    package struct Message: Sendable {
        /// The rank that sent it.
        package let source: Int
        /// Its purpose.
        package let tag: Int32
        /// Its content.
        package let bytes: [UInt8]
    }

    private struct Arrival {
        let source: Int
        let tag: Int32
        let request: Request
    }

    /// The most bytes of an MPI message to or from a rank that may die. If an end of a longer one
    /// dies half way, Open MPI 4 aborts the other end now and then: once in 22 times for 3 MB over
    /// TCP, never in 88 for this and less.
    package nonisolated static let survivableLimit = 60_000

    /// The front part of a message too long for one.
    private static let part: Int32 = 32_767

    private let communicator: Communicator
    private let limit: Int
    private var sends: [(destination: Int, request: Request)] = []
    private var arrivals: [Arrival] = []
    private var parts: [Int: [UInt8]] = [:]
    /// Ranks that are lost.
    private var dropped: Set<Int>

    /// A channel between the ranks of a communicator.
    ///
    /// - Parameter limit: the most bytes of one MPI message; longer ones travel in parts.
    package init(_ communicator: Communicator, limit: Int = Communicator.roundLimit) {
        self.communicator = communicator
        self.limit = limit
        dropped = Set(0..<communicator.size).subtracting(communicator.members)
    }

    /// Forgets a rank that is lost: sends nothing more to it, and drops what still comes from it.
    /// What was under way may never complete; its memory stays MPI's.
    package func drop(_ rank: Int) {
        dropped.insert(rank)
        sends.removeAll { $0.destination == rank }
        arrivals.removeAll { $0.source == rank }
        parts[rank] = nil
    }

    /// Sends a message (`MPI_Isend`). Returns at once; calls of ``receive()`` make progress.
    ///
    /// - Parameters:
    ///   - destination: the rank to send to.
    ///   - tag: its purpose, from 0 to 32,766.
    package func send(_ bytes: [UInt8], to destination: Int, tag: Int32) throws(MPIError) {
        if !dropped.isEmpty, dropped.contains(destination) { return }
        var rest = bytes[...]
        while rest.count > limit {
            try start(rest.prefix(limit), to: destination, Self.part)
            rest = rest.dropFirst(limit)
        }
        try start(rest, to: destination, tag)
    }

    private func start(
        _ bytes: ArraySlice<UInt8>,
        to destination: Int,
        _ tag: Int32
    ) throws(MPIError) {
        let request = try Request("MPI_Isend", bytes: bytes.count) { memory, slot in
            memory.copyBytes(from: bytes)
            return MPI_Isend(
                memory.baseAddress,
                Int32(memory.count),
                CMPI_BYTE(),
                Int32(destination),
                tag,
                communicator.handle,
                &slot.handle
            )
        }
        sends.append((destination, request))
    }

    /// The next complete message, or `nil`. Never waits.
    package func receive() throws(MPIError) -> Message? {
        // The first probe makes progress; only the next one sees the message that arrived.
        if !(try probe()) { _ = try probe() }
        try forgetCompletedSends()
        while let first = arrivals.first, try first.request.test() {
            arrivals.removeFirst()
            if first.tag == Self.part {
                parts[first.source, default: []].append(contentsOf: first.request.memory)
                continue
            }
            var bytes = [UInt8](first.request.memory)
            if !parts.isEmpty, let front = parts.removeValue(forKey: first.source) {
                bytes = front + bytes
            }
            return Message(source: first.source, tag: first.tag, bytes: bytes)
        }
        return nil
    }

    /// Whether a message is on its way in or out, so that the next check should come soon.
    package var isBusy: Bool { !sends.isEmpty || !arrivals.isEmpty }

    /// Waits until every send has completed.
    package func flush() throws(MPIError) {
        let backoff = Backoff()
        let sleeper = Mailbox<Never>()
        while true {
            try forgetCompletedSends()
            if sends.isEmpty { return }
            _ = sleeper.take(waitingUpTo: backoff.pause())
        }
    }

    private func probe() throws(MPIError) -> Bool {
        var found: Int32 = 0
        var message = CMPI_MESSAGE_NULL()
        var status = MPI_Status()
        try check("MPI_Improbe") {
            MPI_Improbe(
                CMPI_ANY_SOURCE(),
                CMPI_ANY_TAG(),
                communicator.handle,
                &found,
                &message.handle,
                &status
            )
        }
        guard found != 0 else { return false }
        var count: Int32 = 0
        try check("MPI_Get_count") { MPI_Get_count(&status, CMPI_BYTE(), &count) }
        let request = try Request("MPI_Imrecv", bytes: Int(count)) { memory, slot in
            MPI_Imrecv(memory.baseAddress, count, CMPI_BYTE(), &message.handle, &slot.handle)
        }
        if !dropped.isEmpty, dropped.contains(Int(status.MPI_SOURCE)) {
            _ = try request.test()
            return true
        }
        arrivals.append(
            Arrival(source: Int(status.MPI_SOURCE), tag: status.MPI_TAG, request: request)
        )
        return true
    }

    private func forgetCompletedSends() throws(MPIError) {
        guard !sends.isEmpty else { return }
        var kept: [(destination: Int, request: Request)] = []
        for send in sends where !(try send.request.test()) { kept.append(send) }
        sends = kept
    }
}
