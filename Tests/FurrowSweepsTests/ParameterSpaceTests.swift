import FurrowSystem
import Testing

@testable import FurrowSweeps

/// Points and their indices are computed; here against the points as they are defined.
@Suite struct ParameterSpaceTests {
    @Test(arguments: 0..<12)
    func pointsAreThoseOfTheDefinition(part: UInt64) throws {
        for seed in part * 100..<part * 100 + 100 {
            var random = SeededRandom(seed: seed)
            let listed = ListedSpace(using: &random)
            let points = listed.points
            let space = try listed.space()
            try #require(Array(space) == points, "seed \(seed)")
            var occurrences: [[UInt8]: Int] = [:]
            for (index, point) in points.enumerated() {
                let occurrence = occurrences[point.canonical, default: 0]
                occurrences[point.canonical] = occurrence + 1
                let found = space.index(of: point, occurrence: occurrence)
                try #require(found == index, "seed \(seed), point \(index)")
            }
            for point in points {
                let count = occurrences[point.canonical]
                try #require(space.index(of: point, occurrence: try #require(count)) == nil)
            }
            for point in ListedSpace(using: &random).points.prefix(30)
            where occurrences[point.canonical] == nil {
                try #require(space.index(of: point) == nil, "seed \(seed), \(point)")
            }
            for name in listed.fixed.map(\.name) + listed.axes.flatMap(\.names) + ["u", "v"] {
                let first = points.firstIndex { $0[name] == nil }
                try #require(try space.firstIndex(lacking: name) == first, "seed \(seed), \(name)")
            }
        }
    }

    private static func value(_ number: Int) -> ParameterValue {
        ParameterValue(Array("\(number)".utf8), .integer)
    }

    /// Some values of 30 parameters with two values each.
    private static func entry(
        of count: Int,
        using random: inout SeededRandom,
        among names: Range<Int> = 0..<30
    ) -> [Parameter] {
        names.shuffled(using: &random).prefix(count).map {
            Parameter("x\($0)", value(Int(random.next() % 2)))
        }
    }

    @Test(arguments: [(4, 0..<12), (3, 8..<20), (2, 0..<30), (3, 0..<30)])
    func aThousandMillionPointsAreReadAtOnce(entries: Int, names: Range<Int>) throws {
        var random = SeededRandom(seed: UInt64(entries + names.lowerBound))
        var listed = ListedSpace()
        listed.axes = (0..<30).map { ParameterAxis("x\($0)", [Self.value(0), Self.value(1)]) }
        // Of one parameter one value is left out: no include of the other one is a point of its own.
        listed.excludes =
            [[Parameter("x29", Self.value(0))]]
            + (0..<50).map { _ in Self.entry(of: entries, using: &random, among: names) }
        listed.includes = (0..<50).map { number in
            Self.entry(of: 3, using: &random) + [Parameter("y\(number)", Self.value(number))]
        }
        let start = ContinuousClock.now
        let space = try listed.space()
        for turn in 0..<200 {
            let point = space[turn * (space.count - 1) / 199]
            let isLeftOut = listed.excludes.contains {
                $0.allSatisfy { point[$0.name] == $0.value }
            }
            #expect(!isLeftOut || turn * (space.count - 1) / 199 >= space.kept.count)
            let index = try #require(space.index(of: point))
            #expect(space[index].canonical == point.canonical)
        }
        // Neighbours are in order, and what lies between them is left out.
        func number(_ point: Parameters) -> Int {
            (0..<30).reduce(0) { $0 << 1 + (point["x\($1)"]?.text == "1" ? 1 : 0) }
        }
        let numbers = space.prefix(min(300, space.kept.count)).map(number)
        for (first, second) in zip(numbers, numbers.dropFirst()) {
            try #require(first < second)
            for between in first + 1..<min(second, first + 200) {
                let point = Parameters(
                    (0..<30).map { Parameter("x\($0)", Self.value(between >> (29 - $0) & 1)) }
                )
                #expect(space.index(of: point) == nil)
                #expect(listed.excludes.contains { $0.allSatisfy { point[$0.name] == $0.value } })
            }
        }
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test func excludesThatOverlapInTooManyWaysAreRefused() throws {
        var random = SeededRandom(seed: 3)
        let counts = [Int](repeating: 2, count: 40)
        let boxes = (0..<60).compactMap { _ in
            let positions = (0..<40).shuffled(using: &random).prefix(4).map { axis in
                let position = Int(random.next() % 2)
                return (axis, RangeSet([position..<position + 1]))
            }
            return CombinationBox(Dictionary(uniqueKeysWithValues: positions), counts: counts)
        }
        #expect(throws: KeptCombinations.TooManyOverlaps.self) {
            try KeptCombinations(counts: counts, without: boxes, maximumSize: 1000)
        }
    }

    @Test func numbersThatCannotBeCountedAreRefused() throws {
        let two = ParameterAxis("x", [Self.value(0), Self.value(1)])
        let axes = [ParameterAxis](repeating: two, count: 63)
        #expect(throws: ParameterSpace.Problem.self) { try ParameterSpace(axes: axes) }
        let none = try ParameterSpace(axes: axes + [ParameterAxis("y", [])])
        #expect(none.isEmpty)
    }

    @Test(arguments: [
        (Int.min, 1, 5), (Int.max - 4, 1, 5), (Int.max, -3, 7), (Int.min, Int.max, 3),
        (Int.max, Int.min, 2), (-7, 3, 9),
    ])
    func numbersOf64BitsAreFound(first: Int, step: Int, count: Int) {
        let axis = ParameterAxis(
            .integers(name: "x", first: first, step: step, count: count, width: 0)
        )
        for position in 0..<count {
            #expect(Array(axis.positions(of: axis[position])) == [position])
        }
        for text in ["", "+1", "01", "-0", "99999999999999999999", "1.0", "x"] {
            #expect(axis.positions(of: [Parameter("x", ParameterValue(Array(text.utf8)))]).isEmpty)
        }
    }

    @Test(arguments: [(0, 1, 1), (-999, 7, 3), (1 << 52, 1, 4), (-(1 << 53) + 1, 1, 15)])
    func decimalFractionsAreFound(first: Int, step: Int, digits: Int) {
        let axis = ParameterAxis(
            .decimals(name: "x", first: first, step: step, digits: digits, count: 1000)
        )
        for position in 0..<1000 {
            let found = axis.positions(of: axis[position])
            #expect(found.contains(position))
            #expect(found.allSatisfy { axis[$0] == axis[position] })
        }
    }

    @Test func placesInALongListAreFound() {
        let index = RowIndex(count: 30_000) {
            Array("\($0 % 20_000 * ($0 == 29_999 ? 2 : 1))".utf8)
        }
        #expect(Array(index.places(of: Array("7".utf8))) == [7, 20_007])
        #expect(Array(index.places(of: Array("19998".utf8))) == [19_998, 29_999])
        #expect(Array(index.places(of: Array("9999".utf8))) == [9999])
        #expect(index.places(of: Array("20000".utf8)).isEmpty)
        #expect(index.firstRepetition == 20_000)
    }
}
