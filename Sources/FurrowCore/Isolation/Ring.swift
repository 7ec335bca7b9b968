import CLinux
import Glibc

/// A queue of messages in memory that two processes share: one adds, the other takes.
///
/// Safe to share: each end is used by one thread at a time, and both counters are written by one end
/// only, after what they count. So a process that is killed in the middle of a message leaves none.
struct Ring: @unchecked Sendable {
    /// How many bytes the counters take.
    static let headerSize = 128
    private static let readOffset = 64
    /// In front of a message: its length in 4 bytes, its kind, whether more follows; then a number.
    private static let prefix = 16

    private let header: UnsafeMutableRawPointer
    private let data: UnsafeMutableRawPointer
    private let capacity: Int

    /// - Parameters:
    ///   - header: ``headerSize`` bytes, zero at first.
    ///   - data: the messages.
    ///   - capacity: how many bytes; a power of two, 64 or more.
    init(header: UnsafeMutableRawPointer, data: UnsafeMutableRawPointer, capacity: Int) {
        precondition(capacity >= 64 && capacity & (capacity - 1) == 0, "a ring has 2^n bytes")
        self.header = header
        self.data = data
        self.capacity = capacity
    }

    /// The most bytes of one piece of a message.
    private var most: Int { capacity / 4 - Self.prefix }

    private static func padded(_ count: Int) -> Int { (count + 7) & ~7 }

    // MARK: The end that adds

    /// Adds a message, or its next piece, if there is room.
    ///
    /// - Returns: how many bytes were added, which is less than all for a long message; `nil` for no
    ///   room.
    func add(_ kind: UInt8, _ number: Int, _ bytes: ArraySlice<UInt8>) -> Int? {
        let count = min(bytes.count, most)
        let size = Self.prefix + Self.padded(count)
        let written = clinux_load(header)
        let read = clinux_load(header + Self.readOffset)
        guard capacity - Int(written - read) >= size else { return nil }
        var place = Int(written) & (capacity - 1)
        let isPart = count < bytes.count
        let head = UInt64(count) | UInt64(kind) << 32 | (isPart ? 1 << 40 : 0)
        data.storeBytes(of: head, toByteOffset: place, as: UInt64.self)
        place = (place + 8) & (capacity - 1)
        data.storeBytes(of: number, toByteOffset: place, as: Int.self)
        place = (place + 8) & (capacity - 1)
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, count > 0 else { return }
            let first = min(count, capacity - place)
            memcpy(data + place, base, first)
            if first < count { memcpy(data, base + first, count - first) }
        }
        clinux_store(header, written + UInt64(size))
        return count
    }

    // MARK: The end that takes

    /// Takes the next message, or piece of one.
    ///
    /// - Parameter bytes: receives its bytes behind those that are there.
    /// - Returns: its kind and number, and whether it is whole; `nil` for none.
    func take(into bytes: inout [UInt8]) -> (kind: UInt8, number: Int, isWhole: Bool)? {
        let read = clinux_load(header + Self.readOffset)
        guard clinux_load(header) != read else { return nil }
        var place = Int(read) & (capacity - 1)
        let head = data.load(fromByteOffset: place, as: UInt64.self)
        place = (place + 8) & (capacity - 1)
        let number = data.load(fromByteOffset: place, as: Int.self)
        place = (place + 8) & (capacity - 1)
        let count = Int(head & 0xffff_ffff)
        let first = min(count, capacity - place)
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: data + place, count: first))
        if first < count {
            bytes.append(contentsOf: UnsafeRawBufferPointer(start: data, count: count - first))
        }
        clinux_store(header + Self.readOffset, read + UInt64(Self.prefix + Self.padded(count)))
        return (UInt8(truncatingIfNeeded: head >> 32), number, head >> 40 & 1 == 0)
    }
}

/// Takes whole messages from a ring.
struct RingReader {
    let ring: Ring
    private var isInside = false

    init(_ ring: Ring) { self.ring = ring }

    /// Takes the next message, if it is there as a whole.
    ///
    /// - Parameter bytes: receives its bytes; the same array at each call, which keeps its memory.
    mutating func next(into bytes: inout [UInt8]) -> (kind: JobMessage, number: Int)? {
        if !isInside { bytes.removeAll(keepingCapacity: true) }
        while let piece = ring.take(into: &bytes) {
            isInside = !piece.isWhole
            guard piece.isWhole else { continue }
            guard let kind = JobMessage(rawValue: piece.kind) else {
                preconditionFailure("a message of kind \(piece.kind) between rank and process")
            }
            return (kind, piece.number)
        }
        return nil
    }
}
