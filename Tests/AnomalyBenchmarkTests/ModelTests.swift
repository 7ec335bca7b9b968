import Testing

@testable import AnomalyBenchmark

@Suite struct ModelTests {
    @Test func tiesCountHalf() {
        #expect(
            areaUnderROC(scores: [1, 2, 2, 3], isAnomalous: [false, false, true, true]) == 0.875
        )
        #expect(areaUnderROC(scores: [1, 1], isAnomalous: [false, true]) == 0.5)
        #expect(areaUnderROC(scores: [2, 1], isAnomalous: [false, true]) == 0)
        #expect(areaUnderROC(scores: [1], isAnomalous: [true]).isNaN)
    }

    @Test func eigenvectorsAreThose() {
        var matrix = Matrix(size: 4)
        for i in 0..<4 {
            for j in 0..<4 { matrix[i, j] = 1 / Double(i + j + 1) }
        }
        let (values, vectors) = matrix.eigen()
        #expect(values == values.sorted(by: >))
        for (value, vector) in zip(values, vectors) {
            #expect(abs(norm(vector) - 1) < 1e-12)
            for i in 0..<4 {
                let product = (0..<4).reduce(0) { $0 + matrix[i, $1] * vector[$1] }
                #expect(abs(product - value * vector[i]) < 1e-12)
            }
        }
    }

    @Test func choleskyIsARoot() {
        var matrix = Matrix(size: 2)
        (matrix[0, 0], matrix[0, 1], matrix[1, 0], matrix[1, 1]) = (4, 2, 2, 10)
        let factor = matrix.cholesky()
        #expect([factor[0, 0], factor[0, 1], factor[1, 0], factor[1, 1]] == [2, 0, 1, 3])
    }

    @Test func randomNumbersAreSplitMix64() {
        var random = SplitMix64(seed: 0)
        #expect(random.next() == 0xE220_A839_7B1D_CDAF)
    }

    @Test func theSplitIsAsDefined() throws {
        let digits = try Digits.load(nil)
        #expect(digits.labels.count == 1797)
        let split = digits.split(normal: 3)
        #expect(split.training.count == 109)
        #expect(split.test.count == 1688)
        #expect(split.isAnomalous.count { !$0 } == 74)
    }

    static let zeros = String(repeating: "0,", count: 64)

    @Test(arguments: [
        ("1,2\n", "row 1: 2 fields"),
        (zeros + "1\n" + zeros + "x\n", "row 2, column 65: 'x'"),
        ("17," + zeros.dropFirst(2) + "1\n", "row 1, column 1: '17'"),
        ("-1," + zeros.dropFirst(2) + "1\n", "row 1, column 1: '-1'"),
        (zeros + "10\n", "column 65: '10'"),
        ("", "no rows"),
        (zeros + "1\n\n" + zeros + "1\n", "row 2: "),
    ])
    func aBadRowIsNamed(text: String, expected: String) {
        let error = #expect(throws: (any Error).self) {
            try Digits(parsing: text.utf8, file: "d.csv")
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains(expected))
        #expect("\(error.map { "\($0)" } ?? "")".hasPrefix("d.csv"))
    }

    @Test(arguments: [zeros + "1", zeros + "1\n", zeros + "1\r\n"])
    func lineEndsMayDiffer(text: String) throws {
        #expect(try Digits(parsing: text.utf8, file: "d.csv").labels == [1])
    }
}
