/// Encoded results as they wait on a worker and travel to rank 0: each is the job's number and the
/// length in eight bytes each, then the bytes.
struct ResultStore: Sendable {
    /// A result of more than this is kept as it is, not copied behind others.
    private static let large = 1 << 20

    /// To be read as if they were one.
    private(set) var pieces: [[UInt8]] = []

    mutating func append(_ index: Int, _ result: [UInt8]) {
        if pieces.isEmpty || pieces[pieces.count - 1].count > Self.large { pieces.append([]) }
        let last = pieces.count - 1
        pieces[last].append(integer: index)
        pieces[last].append(integer: result.count)
        if result.count > Self.large {
            pieces.append(result)
            pieces.append([])
        } else {
            pieces[last] += result
        }
    }

    /// Decodes the results of all workers in the order of their jobs.
    ///
    /// - Parameters:
    ///   - blocks: each worker's pieces, joined.
    ///   - kept: results of earlier runs.
    static func decode<Output: Decodable>(
        _ type: Output.Type,
        from blocks: [[UInt8]],
        with kept: [(number: Int, Output)]
    ) throws -> [Output] {
        var places: [(index: Int, block: Int, start: Int, count: Int)] = []
        for (number, block) in blocks.enumerated() {
            var start = 0
            while start < block.count {
                let count = block.integer(at: start + 8)
                places.append((block.integer(at: start), number, start + 16, count))
                start += 16 + count
            }
        }
        places.sort { $0.index < $1.index }
        let decoder = WireDecoder()
        let fresh = try places.map { place in
            try blocks[place.block][place.start..<place.start + place.count].withUnsafeBytes {
                try decoder.decode(type, from: $0)
            }
        }
        if kept.isEmpty { return fresh }
        return (zip(places.map(\.index), fresh) + kept).sorted { $0.0 < $1.0 }.map(\.1)
    }
}
