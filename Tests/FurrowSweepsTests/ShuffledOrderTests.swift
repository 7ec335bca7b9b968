import Testing

@testable import FurrowSweeps

@Suite struct ShuffledOrderTests {
    @Test(arguments: [0, 1, 2, 3, 4, 5, 16, 17, 100, 4096, 4097, 65_537])
    func everyNumberComesOnce(count: Int) {
        for seed in [0, 1, 2, UInt64.max] {
            #expect(ShuffledOrder(count: count, seed: seed).sorted() == Array(0..<count))
        }
    }

    @Test func seedsDiffer() {
        let orders = (0..<20).map { Array(ShuffledOrder(count: 100, seed: $0)) }
        #expect(Set(orders).count == 20)
        #expect(orders[7] == Array(ShuffledOrder(count: 100, seed: 7)))
        // Every place of three is taken by each number for some seed.
        let small = (0..<60).map { Array(ShuffledOrder(count: 3, seed: $0)) }
        #expect(Set(small).count == 6)
    }

    /// Pinned: jobs come in the same order on every machine and in every version.
    @Test func theOrderIsKept() {
        #expect(Array(ShuffledOrder(count: 10, seed: 42)) == [1, 7, 6, 9, 5, 8, 2, 0, 4, 3])
    }

    @Test func neighboursAreFarApart() {
        let count = 10_000
        let order = Array(ShuffledOrder(count: count, seed: 5))
        // Of a random permutation both means are a third of the count.
        let moved = order.enumerated().reduce(0) { $0 + abs($1.offset - $1.element) } / count
        let steps = zip(order, order.dropFirst()).reduce(0) { $0 + abs($1.0 - $1.1) } / count
        #expect(abs(moved - count / 3) < count / 30)
        #expect(abs(steps - count / 3) < count / 30)
        let fixed = order.enumerated().filter { $0.offset == $0.element }.count
        #expect(fixed < 10)
    }

    @Test(arguments: [1 << 30, Int.max])
    func aLongOrderIsNotStored(count: Int) {
        let start = ContinuousClock.now
        let order = ShuffledOrder(count: count, seed: 9)
        let first = order.prefix(200_000)
        #expect(Set(first).count == 200_000)
        let mean = first.reduce(0.0) { $0 + Double($1) / 200_000 }
        #expect(abs(mean / Double(count) - 0.5) < 0.01)
        #expect(ContinuousClock.now - start < .seconds(60))
    }
}
