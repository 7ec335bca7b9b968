import FurrowRuns

/// Encoded results, stored on a worker and sent to rank 0.
///
/// The results of neighbouring jobs form a run: the first job's number, the number of jobs and the
/// number of bytes, in eight bytes each; then the results, each after its length in eight bytes if
/// lengths differ. Rank 0 sorts runs, not results: some thousands instead of millions.
struct ResultStore: Sendable {
    /// A larger result is kept as it is, not copied behind others.
    private static let large = 1 << 20
    private static let header = 24

    /// The bytes, in several pieces.
    private(set) var pieces: [[UInt8]] = []
    private let areAlike: Bool
    /// The number that would continue the last run, and where that run begins in the last piece.
    private var next: Int?
    private var start = 0

    /// - Parameter areAlike: whether all results have the same length.
    init(areAlike: Bool = false) {
        self.areAlike = areAlike
    }

    /// - Parameter result: moved if it is large, else copied.
    mutating func append(_ number: Int, _ result: inout [UInt8]) {
        if pieces.isEmpty || pieces[pieces.count - 1].count > Self.large {
            pieces.append([])
            next = nil
        }
        let last = pieces.count - 1
        if next != number || result.count > Self.large { open(number) }
        let prefix = areAlike ? 0 : 8
        add(prefix + result.count, at: start + 16, in: last)
        add(1, at: start + 8, in: last)
        if !areAlike { pieces[last].append(integer: result.count) }
        if result.count > Self.large {
            pieces.append([])
            swap(&pieces[last + 1], &result)
            pieces.append([])
            next = nil
        } else {
            pieces[last].append(contentsOf: result)
            next = number + 1
        }
    }

    private mutating func open(_ number: Int) {
        let last = pieces.count - 1
        start = pieces[last].count
        pieces[last].append(integer: number)
        pieces[last].append(integer: 0)
        pieces[last].append(integer: 0)
    }

    private mutating func add(_ amount: Int, at offset: Int, in piece: Int) {
        pieces[piece].withUnsafeMutableBytes { bytes in
            let old = bytes.loadUnaligned(fromByteOffset: offset, as: Int.self)
            bytes.storeBytes(of: old + amount, toByteOffset: offset, as: Int.self)
        }
    }

    /// A result that cannot be decoded.
    struct Lost: Sendable {
        /// The job's number.
        let number: Int
        /// The rank that ran it.
        let rank: Int
        let reason: UncodableValue
    }

    /// Decodes the results of all workers in the order of their jobs.
    ///
    /// - Parameters:
    ///   - blocks: each rank's pieces, joined.
    ///   - kept: results of earlier runs.
    /// - Returns: the results, and those that cannot be decoded.
    static func decode<Output>(
        _ coding: WireCoding<Output>,
        from blocks: [ArraySlice<UInt8>],
        with kept: [(number: Int, Output)]
    ) -> (outputs: [Output], lost: [Lost]) {
        var runs: [(first: Int, count: Int, block: Int, bytes: Range<Int>)] = []
        for (number, block) in blocks.enumerated() {
            block.withUnsafeBytes { block in
                var start = 0
                while start < block.count {
                    let head = (0..<3).map {
                        block.loadUnaligned(fromByteOffset: start + 8 * $0, as: Int.self)
                    }
                    let end = start + header + head[2]
                    runs.append((head[0], head[1], number, start + header..<end))
                    start = end
                }
            }
        }
        runs.sort { $0.first < $1.first }
        let count = runs.reduce(0) { $0 + $1.count }
        let decodeOne = coding.makeDecoder()
        var lost: [Lost] = []
        let fresh = [Output](unsafeUninitializedCapacity: count) { memory, initialized in
            for run in runs {
                blocks[run.block].withUnsafeBytes {
                    let bytes = UnsafeRawBufferPointer(rebasing: $0[run.bytes])
                    decode(coding, decodeOne, bytes, into: memory, &initialized) { place, error in
                        lost.append(
                            Lost(
                                number: run.first + place,
                                rank: run.block,
                                reason: UncodableValue("its result cannot be decoded", error)
                            )
                        )
                    }
                }
            }
        }
        if kept.isEmpty { return (fresh, lost) }
        let gone = Set(lost.map(\.number))
        let numbers = runs.lazy.flatMap { $0.first..<$0.first + $0.count }
            .filter { !gone.contains($0) }
        return ((zip(numbers, fresh) + kept).sorted { $0.0 < $1.0 }.map(\.1), lost)
    }

    /// Appends the results of one run.
    ///
    /// - Parameter lose: takes the place in the run of a result that cannot be decoded, and why.
    private static func decode<Output>(
        _ coding: WireCoding<Output>,
        _ decodeOne: (UnsafeRawBufferPointer) throws -> Output,
        _ run: UnsafeRawBufferPointer,
        into results: UnsafeMutableBufferPointer<Output>,
        _ initialized: inout Int,
        lose: (Int, any Error) -> Void
    ) {
        if coding.stride != nil {
            let rest = UnsafeMutableBufferPointer(rebasing: results[initialized...])
            initialized += coding.decodeAll(run, rest)
            return
        }
        var start = 0
        var place = 0
        while start < run.count {
            let count = run.loadUnaligned(fromByteOffset: start, as: Int.self)
            let bytes = UnsafeRawBufferPointer(rebasing: run[(start + 8)..<(start + 8 + count)])
            do {
                results.initializeElement(at: initialized, to: try decodeOne(bytes))
                initialized += 1
            } catch {
                lose(place, error)
            }
            place += 1
            start += 8 + count
        }
    }
}

extension JobFailure {
    /// A job whose result cannot be decoded.
    init(_ lost: ResultStore.Lost) {
        self.init(
            index: lost.number,
            parameters: "",
            taskID: lost.rank - 1,
            rank: lost.rank,
            host: "",
            device: nil,
            attempt: 1,
            state: .failed,
            message: "\(lost.reason)"
        )
    }
}
