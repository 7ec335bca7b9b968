internal import CDigits
import Furrow

/// Handwritten digits of 8 × 8 pixels. One digit counts as normal, all others are anomalies.
struct Digits: Sendable {
    static let side = 8

    private(set) var images: [[Double]] = []
    private(set) var labels: [Int] = []

    /// Reads the rows that are built into the program: 64 pixels and the digit.
    init() throws {
        let bytes = UnsafeBufferPointer(start: digits_bytes(), count: digits_count())
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let numbers = line.split(separator: UInt8(ascii: ",")).compactMap {
                Int(String(decoding: $0, as: UTF8.self))
            }
            guard numbers.count == 65 else { throw InputError("digits: a row of wrong length") }
            images.append(numbers.dropLast().map { Double($0) })
            labels.append(numbers[64])
        }
    }

    /// The first 60 % of the normal images.
    func training(normal: Int) -> [[Double]] {
        let rows = labels.indices.filter { labels[$0] == normal }
        return rows.prefix(rows.count * 6 / 10).map { images[$0] }
    }

    /// All other images, and whether they are anomalies.
    func test(normal: Int) -> (images: [[Double]], areAnomalies: [Bool]) {
        var left = training(normal: normal).count
        let rows = labels.indices.filter { row in
            guard labels[row] == normal, left > 0 else { return true }
            left -= 1
            return false
        }
        return (rows.map { images[$0] }, rows.map { labels[$0] != normal })
    }
}
