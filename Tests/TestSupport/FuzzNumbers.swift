import Foundation
import FurrowSystem

/// The random numbers of made-up inputs, the same for the same seed; `FURROW_FUZZ_SEED` is another
/// one than 1.
package struct FuzzNumbers: Sendable {
    private var random: SeededRandom

    package init() {
        let seed = ProcessInfo.processInfo.environment["FURROW_FUZZ_SEED"].flatMap { UInt64($0) }
        random = SeededRandom(seed: seed ?? 1)
    }

    /// A number from 0 on, below a bound from 1 on.
    package mutating func number(below bound: Int) -> Int {
        Int(random.next() % UInt64(bound))
    }
}
