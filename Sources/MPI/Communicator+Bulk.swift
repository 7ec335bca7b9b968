internal import CMPI

// Blocks of bytes of different sizes, to and from rank 0. Counts and displacements are 32-bit in
// MPI 3 (section 5.5), so both operations go in rounds in which all ranks together move at most
// `limit` bytes: a rank's share of a round is limit / size.
extension Communicator {
    /// The most bytes of one round, by default: below 2³¹, and small enough that the memory in
    /// which a round arrives does not count.
    public nonisolated static var roundLimit: Int { 256 << 20 }

    /// The bytes of every rank on rank 0, in rank order (`MPI_Gather` of the sizes, then
    /// `MPI_Gatherv` in rounds, section 5.5). Collective.
    ///
    /// - Parameters:
    ///   - pieces: this rank's bytes, to be joined.
    ///   - limit: the most bytes that one round moves, the same on every rank.
    /// - Returns: one block a rank on rank 0; empty elsewhere.
    public func gatherBlocks(
        _ pieces: [[UInt8]],
        limit: Int = Communicator.roundLimit
    ) throws(MPIError) -> [[UInt8]] {
        let total = pieces.reduce(0) { $0 + $1.count }
        let sizes = try gather(total)
        let share = max(1, limit / size)
        let rounds = (try maximum(total) + share - 1) / share
        var blocks = sizes.map { size in
            var block: [UInt8] = []
            block.reserveCapacity(size)
            return block
        }
        var outgoing = PieceReader(pieces)
        for round in 0..<rounds {
            let counts = sizes.map { Int32(min(share, max(0, $0 - round * share))) }
            let offsets = Self.offsets(of: counts)
            let incoming = counts.reduce(0) { $0 + Int($1) }
            let arrived = try outgoing.withNext(share) { (mine) throws(MPIError) in
                try Self.filled(incoming) { (memory) throws(MPIError) in
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
                            handle
                        )
                    }
                }
            }
            for index in blocks.indices {
                let start = Int(offsets[index])
                blocks[index].append(contentsOf: arrived[start..<start + Int(counts[index])])
            }
        }
        return blocks
    }

    /// One block of rank 0's bytes to every rank (`MPI_Scatter` of the sizes, then `MPI_Scatterv`
    /// in rounds, section 5.6). Collective.
    ///
    /// - Parameters:
    ///   - blocks: ``size`` of them on rank 0, in rank order; not looked at elsewhere.
    ///   - limit: the most bytes that one round moves, the same on every rank.
    /// - Returns: the block for this rank.
    public func scatterBlocks(
        _ blocks: [[UInt8]],
        limit: Int = Communicator.roundLimit
    ) throws(MPIError) -> [UInt8] {
        let sizes = blocks.map(\.count)
        let total = try scatter(sizes)
        let share = max(1, limit / size)
        let rounds = (try maximum(total) + share - 1) / share
        var mine: [UInt8] = []
        mine.reserveCapacity(total)
        for round in 0..<rounds {
            let start = round * share
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
                        handle
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

    /// `count` bytes written by `fill`, without filling them with zeros first.
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

/// Reads an array of byte arrays as if it were one, share by share; copies only where a share
/// spans two pieces.
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
