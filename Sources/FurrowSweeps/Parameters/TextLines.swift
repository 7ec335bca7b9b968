/// The lines of a text in bytes, without line ends (LF or CRLF) and without blank lines.
struct TextLines: Sequence {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func makeIterator() -> AnyIterator<[UInt8]> {
        var numbered = Numbered(bytes)
        return AnyIterator { numbered.next()?.line }
    }

    /// The lines with their numbers, from 1.
    struct Numbered: Sequence, IteratorProtocol {
        private let bytes: [UInt8]
        private var start = 0
        private var number = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

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
