import Glibc

/// How costs grow.
package enum Growth {
    /// What eight times the work may cost: more than 8 times, with a logarithm and noise in it, and
    /// far less than the 64 times of a square.
    package static let mostWithoutSquare = 24.0

    /// How many times more eight times the work costs, in time of this thread.
    ///
    /// - Parameters:
    ///   - size: the smaller work's.
    ///   - prepare: makes what is worked on, of a size.
    ///   - work: what is measured.
    package static func factor<Input>(
        from size: Int,
        _ prepare: (Int) throws -> Input,
        _ work: (Input) throws -> Void
    ) throws -> Double {
        let small = try seconds(of: work, on: prepare(size), rounds: 5)
        let large = try seconds(of: work, on: prepare(8 * size), rounds: 2)
        return large / small
    }

    /// The same, of work that needs nothing prepared.
    package static func factor(from size: Int, _ work: (Int) throws -> Void) throws -> Double {
        try factor(from: size, { $0 }, work)
    }

    /// The least of some rounds, in each of which the work is done until two milliseconds are over:
    /// others use the machine as well.
    private static func seconds<Input>(
        of work: (Input) throws -> Void,
        on input: Input,
        rounds: Int
    ) rethrows -> Double {
        var least = Double.infinity
        for _ in 0..<rounds {
            let start = threadTime()
            var (count, time) = (0.0, 0.0)
            repeat {
                try work(input)
                count += 1
                time = threadTime() - start
            } while time < 0.002
            least = min(least, time / count)
        }
        return least
    }

    private static func threadTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
