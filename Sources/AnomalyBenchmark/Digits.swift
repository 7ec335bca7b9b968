internal import CDigits
import Foundation
import Furrow

/// Handwritten digits, one per row: 64 pixel counts and the digit.
struct Digits: Sendable {
    /// The rows' pixel counts, 0 to 16, 64 per row.
    private(set) var pixels: [[Double]] = []
    /// The rows' digits, 0 to 9.
    private(set) var labels: [Int] = []

    /// Training and test rows, with one digit as the normal one.
    struct Split: Sendable {
        var training: [[Double]] = []
        var test: [[Double]] = []
        /// Whether a test row shows another digit.
        var isAnomalous: [Bool] = []
    }

    /// The UCI test set of 1,797 rows, built into the program.
    static let builtIn = Result {
        let bytes = UnsafeBufferPointer(start: digits_bytes(), count: digits_count())
        return try Digits(parsing: bytes, file: "digits.csv")
    }

    /// Reads a file, or the built-in data.
    ///
    /// - Parameter path: a file in the format of `Data/digits.csv`.
    /// - Throws: `InputError` naming file, row and column.
    static func load(_ path: String?) throws -> Digits {
        guard let path else { return try builtIn.get() }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw InputError("\(path): the data file cannot be read; check the path")
        }
        return try Digits(parsing: bytes, file: path)
    }

    /// Parses rows of 65 whole numbers separated by commas.
    init(parsing bytes: some Sequence<UInt8>, file: String) throws {
        let lines = Array(bytes).split(separator: 0x0A, omittingEmptySubsequences: false)
        for (row, line) in lines.enumerated() {
            let line = line.last == 0x0D ? line.dropLast() : line
            if line.isEmpty && row == lines.count - 1 { break }
            let fields = line.split(separator: 0x2C, omittingEmptySubsequences: false)
            guard fields.count == 65 else {
                throw InputError(
                    "\(file), row \(row + 1): \(fields.count) fields; a row must have 65 (64 pixel counts, "
                        + "then the digit)"
                )
            }
            let numbers = try fields.enumerated().map { column, field in
                try Self.number(field, most: column < 64 ? 16 : 9) {
                    "\(file), row \(row + 1), column \(column + 1)"
                }
            }
            pixels.append(numbers.dropLast().map(Double.init))
            labels.append(numbers[64])
        }
        guard !labels.isEmpty else { throw InputError("\(file): the data file has no rows") }
    }

    private static func number(
        _ field: ArraySlice<UInt8>,
        most: Int,
        place: () -> String
    ) throws -> Int {
        let text = String(decoding: field, as: UTF8.self)
        guard let number = Int(text), 0...most ~= number else {
            throw InputError("\(place()): '\(text)' must be a whole number from 0 to \(most)")
        }
        return number
    }

    /// Takes the digit `category` as normal. The first 60 % of its rows are for training, all other
    /// rows of the file for the test.
    func split(normal category: Int) -> Split {
        let normal = labels.count { $0 == category }
        let wanted = normal * 6 / 10
        var split = Split()
        for (row, label) in zip(pixels, labels) {
            if label == category, split.training.count < wanted {
                split.training.append(row)
            } else {
                split.test.append(row)
                split.isAnomalous.append(label != category)
            }
        }
        return split
    }
}
