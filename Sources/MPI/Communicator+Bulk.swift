import CMPI

// Blocks of bytes of different sizes, to and from rank 0. Counts and displacements are 32-bit in
// MPI 3 (section 5.5), so both operations work in rounds. In one round all ranks together move at
// most `limit` bytes.
extension Communicator {
    /// The default for the most bytes of one message or round: below 2³¹.
    package nonisolated static var roundLimit: Int { 1 << 30 }

    /// The most bytes of one round that is copied before or after it travels: so the extra memory
    /// is small, and the copy finds the bytes in the processor's cache.
    nonisolated static var staging: Int { 32 << 20 }

    /// A rank's share of each round, if the bytes of all ranks do not fit into one.
    private func share(limit: Int) -> Int { max(1, min(limit, Self.staging) / members.count) }

    /// Collects the bytes of every rank on rank 0, in rank order (`MPI_Gather` of the sizes, then
    /// `MPI_Gatherv`, in rounds if necessary, section 5.5). Collective.
    ///
    /// - Parameters:
    ///   - pieces: this rank's bytes; they are joined.
    ///   - limit: the most bytes of one round; the same on every rank.
    /// - Returns: one block per rank of ``members`` on rank 0; empty elsewhere.
    package func gatherBlocks(
        _ pieces: [[UInt8]],
        limit: Int = Communicator.roundLimit
    ) throws(MPIError) -> [ArraySlice<UInt8>] {
        // Only rank 0 gets anything.
        guard replay == nil else { return [] }
        return try Hearing.unnoted { () throws(MPIError) in try gatherAll(pieces, limit) }
    }

    private func gatherAll(
        _ pieces: [[UInt8]],
        _ limit: Int
    ) throws(MPIError) -> [ArraySlice<UInt8>] {
        let mine = pieces.reduce(0) { $0 + $1.count }
        let sizes = try gather(mine)
        let all = Int(try sum([Int64(mine)])[0])
        var outgoing = PieceReader(pieces)
        if all <= limit {
            let (bytes, offsets) = try gatherRound(&outgoing, mine, sizes)
            return zip(offsets, sizes).map { bytes[Int($0)..<Int($0) + $1] }
        }
        let share = share(limit: limit)
        var blocks = sizes.map { size in
            var block: ArraySlice<UInt8> = []
            block.reserveCapacity(size)
            return block
        }
        for start in stride(from: 0, to: try maximum(mine), by: share) {
            let counts = sizes.map { min(share, max(0, $0 - start)) }
            let (bytes, offsets) = try gatherRound(&outgoing, share, counts)
            for index in blocks.indices {
                blocks[index] += bytes[Int(offsets[index])...].prefix(counts[index])
            }
        }
        return blocks
    }

    /// One round: sends at most `share` bytes of this rank. On rank 0 returns `counts` bytes of
    /// each rank, and the offset of each rank's.
    private func gatherRound(
        _ outgoing: inout PieceReader,
        _ share: Int,
        _ counts: [Int]
    ) throws(MPIError) -> ([UInt8], offsets: [Int32]) {
        let counts = counts.map(Int32.init)
        let offsets = Self.offsets(of: counts)
        let arrived = try outgoing.withNext(share) { (mine) throws(MPIError) in
            try Self.filled(counts.reduce(0) { $0 + Int($1) }) { (memory) throws(MPIError) in
                try check("MPI_Gatherv") {
                    MPI_Gatherv(
                        mine.baseAddress,
                        Int32(mine.count),
                        CMPI_BYTE(),
                        memory.baseAddress,
                        counts,
                        offsets,
                        CMPI_BYTE(),
                        0,
                        group
                    )
                }
            }
        }
        return (arrived, offsets)
    }

    /// Sends one block of rank 0's bytes to each rank (`MPI_Scatter` of the sizes, then
    /// `MPI_Scatterv` in rounds, section 5.6). Collective.
    ///
    /// - Parameters:
    ///   - blocks: one per rank of ``members`` on rank 0, in rank order; ignored elsewhere.
    ///   - limit: the most bytes of one round; the same on every rank.
    /// - Returns: the block for this rank.
    package func scatterBlocks(
        _ blocks: [[UInt8]],
        limit: Int = Communicator.roundLimit
    ) throws(MPIError) -> [UInt8] {
        let sizes = blocks.map(\.count)
        let total = try scatter(sizes)
        let share = share(limit: limit)
        var mine: [UInt8] = []
        mine.reserveCapacity(total)
        for start in stride(from: 0, to: try maximum(total), by: share) {
            var outgoing: [UInt8] = []
            for block in blocks where start < block.count {
                outgoing.append(contentsOf: block[start..<min(start + share, block.count)])
            }
            let counts = sizes.map { Int32(min(share, max(0, $0 - start))) }
            let offsets = Self.offsets(of: counts)
            let count = min(share, max(0, total - start))
            mine += try Self.filled(count) { (memory) throws(MPIError) in
                try check("MPI_Scatterv") {
                    MPI_Scatterv(
                        outgoing,
                        counts,
                        offsets,
                        CMPI_BYTE(),
                        memory.baseAddress,
                        Int32(count),
                        CMPI_BYTE(),
                        0,
                        group
                    )
                }
            }
        }
        return mine
    }

    private static func offsets(of counts: [Int32]) -> [Int32] {
        var next: Int32 = 0
        return counts.map { count in
            defer { next += count }
            return next
        }
    }

    /// An array of `count` bytes written by `fill`, not zeroed first.
    static func filled(
        _ count: Int,
        _ fill: (UnsafeMutableBufferPointer<UInt8>) throws(MPIError) -> Void
    ) throws(MPIError) -> [UInt8] {
        var failure: MPIError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { memory, initialized in
            do throws(MPIError) {
                try fill(memory)
                initialized = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }
}

/// Reads several byte arrays as if they were one, share by share. Copies only if a share spans two
/// pieces.
private struct PieceReader {
    private let pieces: [[UInt8]]
    private var piece = 0
    private var offset = 0

    init(_ pieces: [[UInt8]]) {
        self.pieces = pieces.filter { !$0.isEmpty }
    }

    mutating func withNext<Result>(
        _ count: Int,
        _ body: (UnsafeBufferPointer<UInt8>) throws(MPIError) -> Result
    ) throws(MPIError) -> Result {
        let (first, start) = (piece, offset)
        var left = count
        while left > 0, piece < pieces.count {
            let step = min(left, pieces[piece].count - offset)
            left -= step
            offset += step
            if offset == pieces[piece].count {
                piece += 1
                offset = 0
            }
        }
        let wanted = count - left
        if first < pieces.count, pieces[first].count - start >= wanted {
            return try Self.lend(pieces[first], start..<start + wanted, body)
        }
        var joined: [UInt8] = []
        joined.reserveCapacity(wanted)
        var (from, skip) = (first, start)
        while joined.count < wanted {
            joined += pieces[from][skip...].prefix(wanted - joined.count)
            from += 1
            skip = 0
        }
        return try Self.lend(joined, 0..<wanted, body)
    }

    private static func lend<Result>(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        _ body: (UnsafeBufferPointer<UInt8>) throws(MPIError) -> Result
    ) throws(MPIError) -> Result {
        try bytes.withUnsafeBufferPointer { (memory) throws(MPIError) in
            try body(UnsafeBufferPointer(rebasing: memory[range]))
        }
    }
}
