import CMPI

// Collective operations (MPI 3.1, chapter 5). Every rank of the communicator makes the same calls
// in the same order. Operations that may wait for a slow rank poll with back-off. The others are
// for moments when every rank is known to arrive soon.
extension Communicator {
    /// Waits for every rank (`MPI_Ibarrier`, section 5.12.1), asleep most of the time. Collective.
    package func barrier() throws(MPIError) {
        guard replay == nil else { return }
        let request = try Request("MPI_Ibarrier", bytes: 0) { MPI_Ibarrier(group, &$1.handle) }
        try wait(for: request)
    }

    /// Sends rank 0's bytes to every rank (`MPI_Ibcast`, section 5.12.2; in rounds if there are
    /// many), asleep most of the time. So rank 0 may arrive late at no cost. Collective.
    ///
    /// - Parameters:
    ///   - bytes: the bytes to send; only rank 0's matter.
    ///   - limit: the most bytes of one round; the same on every rank.
    /// - Returns: rank 0's bytes, on every rank.
    package func broadcast(
        _ bytes: [UInt8],
        limit: Int = Communicator.roundLimit
    ) throws(MPIError) -> [UInt8] {
        if let replay { return try replay.next() }
        let all = try broadcastAll(bytes, share: min(limit, Self.staging))
        Hearing.heard(all)
        return all
    }

    private func broadcastAll(_ bytes: [UInt8], share: Int) throws(MPIError) -> [UInt8] {
        let size = try broadcastRound(Self.bytes(of: Int64(bytes.count))[...], 8)
        let count = Int(size.memory.loadUnaligned(as: Int64.self))
        let rounds = stride(from: 0, to: count, by: share).map { $0..<min($0 + share, count) }
        if rank == 0 {
            for round in rounds { _ = try broadcastRound(bytes[round], round.count) }
            return bytes
        }
        return try Self.filled(count) { (memory) throws(MPIError) in
            let memory = UnsafeMutableRawBufferPointer(memory)
            for round in rounds {
                let arrived = try broadcastRound([], round.count)
                UnsafeMutableRawBufferPointer(rebasing: memory[round])
                    .copyMemory(from: UnsafeRawBufferPointer(arrived.memory))
            }
        }
    }

    /// One round: `count` bytes, which are rank 0's.
    private func broadcastRound(
        _ bytes: ArraySlice<UInt8>,
        _ count: Int
    ) throws(MPIError) -> Request {
        let request = try Request("MPI_Ibcast", bytes: count) { memory, slot in
            if rank == 0 { memory.copyBytes(from: bytes) }
            return MPI_Ibcast(
                memory.baseAddress,
                Int32(count),
                CMPI_BYTE(),
                0,
                group,
                &slot.handle
            )
        }
        try wait(for: request)
        return request
    }

    /// The sums over all ranks (`MPI_Allreduce` with `MPI_SUM`, section 5.9.6), on every rank.
    /// Collective.
    ///
    /// - Parameter values: the same number of values on every rank.
    package func sum(_ values: [Int64]) throws(MPIError) -> [Int64] {
        try reduced(values, CMPI_SUM())
    }

    /// The largest value over all ranks (`MPI_Allreduce` with `MPI_MAX`, section 5.9.6), on every
    /// rank. Collective.
    package func maximum(_ value: Int) throws(MPIError) -> Int {
        Int(try reduced([Int64(value)], CMPI_MAX())[0])
    }

    private func reduced(_ values: [Int64], _ operation: MPI_Op) throws(MPIError) -> [Int64] {
        if let replay {
            let bytes = try replay.next()
            return bytes.withUnsafeBytes { bytes in
                values.indices.map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self) }
            }
        }
        let all = try allReduce(values, operation)
        Hearing.heard(all.withUnsafeBytes { [UInt8]($0) })
        return all
    }

    private func allReduce(_ values: [Int64], _ operation: MPI_Op) throws(MPIError) -> [Int64] {
        var result = [Int64](repeating: 0, count: values.count)
        try check("MPI_Allreduce") {
            MPI_Allreduce(
                values,
                &result,
                Int32(values.count),
                CMPI_INT64(),
                operation,
                group
            )
        }
        return result
    }

    /// Collects one number per rank of ``members``, in rank order, on rank 0 (`MPI_Gather`, section 5.5); empty
    /// elsewhere. Collective.
    package func gather(_ value: Int) throws(MPIError) -> [Int] {
        var mine = Int64(value)
        var all = [Int64](repeating: 0, count: rank == 0 ? members.count : 0)
        try check("MPI_Gather") {
            MPI_Gather(&mine, 1, CMPI_INT64(), &all, 1, CMPI_INT64(), 0, group)
        }
        return all.map(Int.init)
    }

    /// Sends one number from rank 0 to each rank (`MPI_Scatter`, section 5.6). Collective.
    ///
    /// - Parameter values: one per rank of ``members`` on rank 0; ignored elsewhere.
    /// - Returns: this rank's number.
    package func scatter(_ values: [Int]) throws(MPIError) -> Int {
        let all = values.map(Int64.init)
        var mine: Int64 = 0
        try check("MPI_Scatter") {
            MPI_Scatter(all, 1, CMPI_INT64(), &mine, 1, CMPI_INT64(), 0, group)
        }
        return Int(mine)
    }

    private static func bytes(of value: Int64) -> [UInt8] {
        withUnsafeBytes(of: value) { [UInt8]($0) }
    }

    /// Polls until the operation has completed, with ``Backoff``.
    func wait(for request: Request) throws(MPIError) {
        let sleeper = Mailbox<Never>()
        let backoff = Backoff()
        while !(try request.test()) {
            _ = sleeper.take(waitingUpTo: backoff.pause())
        }
    }
}
