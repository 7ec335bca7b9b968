import FurrowSystem

/// The lines of a text in bytes, without line ends (LF or CRLF), without blank lines, and without a
/// byte order mark in front.
struct TextLines: Sequence {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// What is wrong with a file that should be text, and what to do: one in UTF-16, and one whose
    /// lines end in carriage returns alone, which would be one line.
    ///
    /// - Returns: `nil` for any other text.
    static func problem(of bytes: [UInt8]) -> String? {
        if TextEncoding.isUTF16(bytes) { return "it is UTF-16, not UTF-8; save it as UTF-8" }
        let (lineFeed, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        guard !bytes.contains(lineFeed), let first = bytes.firstIndex(of: carriageReturn),
            first < bytes.count - 1
        else { return nil }
        return "its lines end in carriage returns alone; convert them: tr '\\r' '\\n'"
    }

    func makeIterator() -> AnyIterator<[UInt8]> {
        var numbered = Numbered(bytes)
        return AnyIterator { numbered.next()?.line }
    }

    /// The lines with their numbers, from 1.
    struct Numbered: Sequence, IteratorProtocol {
        private let bytes: [UInt8]
        private var start: Int
        private var number = 0

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            start = TextEncoding.markLength(of: bytes)
        }

        mutating func next() -> (number: Int, line: [UInt8])? {
            while start < bytes.count {
                let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
                var line = bytes[start..<end]
                start = end + 1
                number += 1
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                if line.contains(where: { $0 != 0x20 && $0 != 0x09 }) {
                    return (number, Array(line))
                }
            }
            return nil
        }
    }
}
