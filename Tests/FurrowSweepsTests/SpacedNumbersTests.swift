import Testing

@testable import FurrowSweeps

@Suite struct SpacedNumbersTests {
    private static let cases = [
        SpacedNumbers(start: 0, stop: 1, count: 1, fractions: nil),
        SpacedNumbers(start: 0, stop: 1, count: 2, fractions: nil),
        SpacedNumbers(start: -3.5, stop: 1e6, count: 997, fractions: nil),
        SpacedNumbers(start: 7, stop: -7, count: 500, fractions: nil),
        SpacedNumbers(start: 1e15, stop: 1e15 + 300, count: 300, fractions: nil),
        SpacedNumbers(
            start: 0,
            stop: 0.3,
            count: 301,
            fractions: SpacedNumbers.Fractions(first: 0, step: 3, unit: 3000)
        ),
        SpacedNumbers(start: -300, stop: 300, count: 777, fractions: nil, base: 10),
        SpacedNumbers(start: -5, stop: 5, count: 777, fractions: nil, base: 0.5),
        SpacedNumbers(start: 0, stop: 9, count: 10, fractions: nil, base: -2),
        SpacedNumbers(start: 0, stop: 400, count: 401, fractions: nil, base: 10),
        SpacedNumbers(start: 2, stop: 2, count: 3, fractions: nil),
        SpacedNumbers(start: 0, stop: 3, count: 4, fractions: nil, base: 1),
    ]

    /// As a search through all of them would.
    @Test(arguments: cases)
    func everyNumberIsFound(numbers: SpacedNumbers) {
        let axis = ParameterAxis(.spaced(name: "x", numbers))
        let all = (0..<numbers.count).map { axis[$0][0].value.bytes }
        for index in all.indices {
            let found = axis.positions(of: axis[index])
            #expect(Array(found) == all.indices.filter { all[$0] == all[index] }, "\(index)")
        }
        let between = Parameter("x", .float(numbers[0] + 1e-7))
        #expect(numbers.count == 2 ? axis.positions(of: [between]).isEmpty : true)
        #expect((axis.repeated != nil) == (Set(all).count < all.count))
    }

    /// Ten million numbers take no memory, and none of them takes a search.
    @Test func oneOfManyIsFoundAtOnce() {
        let numbers = SpacedNumbers(start: -4, stop: 4, count: 10_000_000, fractions: nil, base: 10)
        let axis = ParameterAxis(.spaced(name: "x", numbers))
        for index in stride(from: 0, to: numbers.count, by: 99_991) {
            #expect(Array(axis.positions(of: axis[index])) == [index])
            #expect(numbers.candidates(for: numbers[index]).count <= 17)
        }
    }
}
