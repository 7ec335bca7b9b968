import Testing

@testable import FurrowSystem

@Suite struct MonotonicTimeTests {
    @Test func itIsTheClockOfInstants() {
        let before = ContinuousClock.now
        let time = MonotonicTime.now
        let after = ContinuousClock.now
        // Converting reads both clocks, one after the other.
        #expect(MonotonicTime(before) - time < .milliseconds(100))
        #expect(time - MonotonicTime(after) < .milliseconds(100))
        #expect(time < MonotonicTime(before) + .seconds(60))
        #expect(MonotonicTime(after) < time + .seconds(60))
    }

    @Test func sumsStopAtTheFirstAndTheLast() {
        let last = MonotonicTime(nanoseconds: .max)
        let first = MonotonicTime(nanoseconds: .min)
        let endless = Duration.seconds(1 << 40)
        let now = MonotonicTime.now
        #expect(now + endless == last)
        #expect(last + .seconds(1) == last)
        #expect(now - endless - endless == first)
        #expect(first - .seconds(1) == first)
        #expect(now - (.zero - endless) == last)
        #expect(now + .seconds(90) - now == .seconds(90))
        #expect(now + .seconds(-2) == now - .seconds(2))
    }
}
