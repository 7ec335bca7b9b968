import Foundation

/// Gives a reader what no one would write: mutations of inputs that make sense, the same for the
/// same seed. `FURROW_FUZZ_SECONDS` is how long each reader is tried (default: a few hundred
/// inputs), `FURROW_FUZZ_SEED` another seed, and `FURROW_FUZZ_INPUT` a file that has the last input,
/// for one that ends the process.
package struct Fuzz {
    /// Why an input is a find.
    package struct Find: Error, CustomStringConvertible {
        package let description: String

        package init(_ description: String) { self.description = description }
    }

    /// The longest input, and the longest time for one.
    private static let mostBytes = 20_000
    private static let mostSeconds = 30.0
    private static let few = 300

    private let corpus: [[UInt8]]
    private let tokens: [[UInt8]]
    private var numbers = FuzzNumbers()

    /// - Parameters:
    ///   - corpus: inputs that make sense.
    ///   - tokens: words that mean something to the reader.
    package init(_ corpus: [String], tokens: [String] = []) {
        self.corpus = corpus.map { Array($0.utf8) }
        let common = [
            "", "0", "-1", "1e9", "1e400", "-0.0", "nan", "inf", ".inf", "0x10",
            "99999999999999999999",
            "9223372036854775807", "-9223372036854775808", "\u{0}", "\u{FEFF}", "\r", "\r\n", "\n",
            "\t", " ", "é", "e\u{301}", "😀", "\"", "'", "\\", "{", "}", "[", "]", "(", ")", "<<",
            "..",
            ",", ":", "=", "&a", "*a", "!!int", "|", ">", "#", "%", "~", "null", "true", "٣",
        ]
        self.tokens = (common + tokens).map { Array($0.utf8) }
    }

    private mutating func number(_ bound: Int) -> Int { numbers.number(below: bound) }

    private mutating func input() -> [UInt8] {
        var bytes = corpus[number(corpus.count)]
        for _ in 0...number(6) {
            let place = number(bytes.count + 1)
            let end = min(bytes.count, place + number(12))
            switch number(9) {
            case 0: bytes.insert(UInt8(number(256)), at: place)
            case 1: bytes.removeSubrange(place..<end)
            case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 3: bytes.insert(contentsOf: tokens[number(tokens.count)], at: place)
            case 4: bytes.replaceSubrange(place..<end, with: tokens[number(tokens.count)])
            case 5:
                let other = corpus[number(corpus.count)]
                let cut = number(other.count + 1)
                bytes.replaceSubrange(place..., with: other[cut...])
            case 6: if place < bytes.count { bytes[place] ^= 1 << UInt8(number(8)) }
            case 7:
                let piece = Array(bytes[place..<end])
                for _ in 0..<number(200) where bytes.count < Self.mostBytes {
                    bytes.insert(contentsOf: piece, at: place)
                }
            default: if place < bytes.count { bytes[place] = UInt8(0x20 + number(95)) }
            }
        }
        return Array(bytes.prefix(Self.mostBytes))
    }

    /// Tries a reader.
    ///
    /// - Parameter read: reads an input; throws a ``Find`` if that does not end as it must.
    /// - Returns: the shortest input found that ends otherwise, and how.
    package mutating func find(_ read: ([UInt8]) throws -> Void) throws -> String? {
        let environment = ProcessInfo.processInfo.environment
        let seconds = environment["FURROW_FUZZ_SECONDS"].flatMap { Double($0) }
        let end = ContinuousClock.now + .seconds(seconds ?? 0)
        var count = 0
        while seconds == nil ? count < Self.few : ContinuousClock.now < end {
            count += 1
            let bytes = input()
            if let file = environment["FURROW_FUZZ_INPUT"] {
                try Data(bytes).write(to: URL(fileURLWithPath: file))
            }
            guard let find = Self.problem(of: bytes, read) else { continue }
            let short = Self.shrunk(bytes) { Self.problem(of: $0, read) != nil }
            let text = String(decoding: short, as: UTF8.self).debugDescription
            return "input \(count): \(find)\n\(text)\n\(short)"
        }
        return nil
    }

    private static func problem(of bytes: [UInt8], _ read: ([UInt8]) throws -> Void) -> String? {
        let start = ContinuousClock.now
        do {
            try read(bytes)
        } catch {
            return "\(error)"
        }
        let time = ContinuousClock.now - start
        return time > .seconds(mostSeconds) ? "took \(time)" : nil
    }

    /// Without the pieces that the problem does not need.
    private static func shrunk(_ bytes: [UInt8], _ isFind: ([UInt8]) -> Bool) -> [UInt8] {
        var bytes = bytes
        var size = max(1, bytes.count / 2)
        let end = ContinuousClock.now + .seconds(30)
        while size > 0, ContinuousClock.now < end {
            var place = 0
            while place < bytes.count {
                var shorter = bytes
                shorter.removeSubrange(place..<min(bytes.count, place + size))
                if isFind(shorter) { bytes = shorter } else { place += size }
            }
            size /= 2
        }
        return bytes
    }
}
