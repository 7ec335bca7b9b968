/// A checksum of 64 bits over bytes that arrive in pieces. It detects damage, and tells one job's
/// output from another's; it is no shield against forgery.
package struct Checksum: Sendable {
    private var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    private var count = 0
    /// Bytes that do not make a word yet, the first of them lowest.
    private var rest: UInt64 = 0

    /// A checksum of no bytes.
    package init() {}

    /// Adds the next bytes.
    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
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

    /// The checksum of all bytes so far.
    package var value: UInt64 {
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
