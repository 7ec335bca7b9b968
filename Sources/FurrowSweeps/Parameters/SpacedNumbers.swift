import Glibc

/// Numbers at equal distances, or powers whose exponents are: computed, not stored.
struct SpacedNumbers: Sendable {
    /// Number `i` is (first + i · step) / unit.
    struct Fractions: Sendable {
        let first: Int
        let step: Int
        let unit: Int
    }

    let start: Double
    let stop: Double
    let count: Int
    /// The same numbers exactly, if they can be written so.
    let fractions: Fractions?
    /// What is raised to the numbers; `nil` for the numbers themselves.
    var base: Double?

    subscript(index: Int) -> Double { base.map { pow($0, spaced(index)) } ?? spaced(index) }

    private func spaced(_ index: Int) -> Double {
        if index == 0 { return start }
        if index == count - 1 { return stop }
        if let fractions {
            return Double(fractions.first + index * fractions.step) / Double(fractions.unit)
        }
        let part = Double(index) / Double(count - 1)
        let width = stop - start
        // The width of the largest numbers is none.
        guard width.isFinite else { return start * (1 - part) + stop * part }
        return start + width * Double(index) / Double(count - 1)
    }

    /// Where a number may be; all positions where it is are among them.
    func candidates(for number: Double) -> Range<Int> {
        let exponent = base.map { log(number) / log($0) } ?? number
        let place = count == 1 ? 0 : (exponent - start) / (stop - start) * Double(count - 1)
        // Equal ends, or a base of 1: all numbers are the same.
        guard place.isFinite else { return 0..<count }
        // The estimate is not exact.
        let first = max(0, min(place - 8, Double(count)))
        let end = max(first, min(place + 8, Double(count)))
        return Int(first)..<Int(end)
    }

    /// The first position whose number is also the one before, where rounding makes numbers equal:
    /// that begins at the ends, or everywhere.
    var firstRepetition: Int? {
        [1, count - 1].first { $0 > 0 && $0 < count && self[$0] == self[$0 - 1] }
    }
}
