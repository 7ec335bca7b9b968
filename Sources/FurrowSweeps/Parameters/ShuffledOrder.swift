import FurrowSystem

/// 0 ..< count in an order that looks random. It is computed, not stored, and is the same for the
/// same seed on every machine.
///
/// A balanced Feistel network (Luby and Rackoff, 1988) permutes the numbers of an even number of
/// bits. A result that is too large goes through it again until it fits. The outcome is still a
/// permutation, and takes less than four turns on average (Black and Rogaway, 2002).
package struct ShuffledOrder: RandomAccessCollection, Sendable {
    private static let rounds: UInt64 = 8

    /// The number of numbers.
    package let endIndex: Int
    private let key: UInt64
    /// Half the number of bits.
    private let half: UInt64
    private let mask: UInt64

    /// - Parameters:
    ///   - count: how many numbers, from 0.
    ///   - seed: any number.
    package init(count: Int, seed: UInt64) {
        endIndex = count
        var random = SeededRandom(seed: seed)
        key = random.next()
        let bits = Int.bitWidth - Swift.max(count - 1, 1).leadingZeroBitCount
        half = UInt64(bits + 1) / 2
        mask = 1 << half - 1
    }

    package var startIndex: Int { 0 }

    package subscript(index: Int) -> Int {
        precondition(0..<endIndex ~= index, "no such place")
        var number = UInt64(index)
        repeat { number = permuted(number) } while number >= UInt64(endIndex)
        return Int(number)
    }

    private func permuted(_ number: UInt64) -> UInt64 {
        var (left, right) = (number >> half, number & mask)
        var round: UInt64 = 0
        while round < Self.rounds {
            // Halves have at most 32 bits, so that every round gets a different input.
            var random = SeededRandom(seed: key ^ (round << 32 | right))
            (left, right) = (right, left ^ random.next() >> 7 & mask)
            round += 1
        }
        return left << half | right
    }
}
