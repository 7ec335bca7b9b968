/// Where a command's output stands in its worker's file.
struct OutputRange: Sendable, Hashable {
    /// In bytes.
    var offset: Int
    /// In bytes.
    var length: Int
    /// Of these bytes, see ``OutputChecksum``; `nil` where there are none, and in the journals of
    /// version 0.1.
    var checksum: UInt64?
}

/// A checksum of 64 bits over bytes that arrive in pieces. It tells one job's output from another's
/// and from a gap, and is no shield against forgery.
struct OutputChecksum: Sendable {
    private var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    private var count = 0
    /// Bytes that do not make a word yet, the first of them lowest.
    private var rest: UInt64 = 0

    /// Adds the next bytes.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset < bytes.count, count % 8 != 0 || bytes.count - offset < 8 {
            rest |= UInt64(bytes[offset]) << UInt64(count % 8 * 8)
            offset += 1
            count += 1
            if count % 8 == 0 {
                mix(rest)
                rest = 0
            }
        }
        let words = (bytes.count - offset) / 8
        guard words > 0 else { return }
        for word in 0..<words {
            let next = bytes.loadUnaligned(fromByteOffset: offset + word * 8, as: UInt64.self)
            mix(UInt64(littleEndian: next))
        }
        count += words * 8
        add(UnsafeRawBufferPointer(rebasing: bytes[(offset + words * 8)...]))
    }

    /// Of all bytes so far.
    var value: UInt64 {
        var end = self
        end.mix(rest)
        end.mix(UInt64(count))
        return end.hash
    }

    /// Each step can be undone, so no two words lead to the same.
    private mutating func mix(_ word: UInt64) {
        hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
        hash ^= hash >> 32
    }
}
