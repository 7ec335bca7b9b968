/// The code of a Swift file: without comments, and without what stands in string literals but for
/// the interpolated expressions.
struct SourceText {
    /// The code; each comment and each piece of a literal is one space.
    private(set) var code: [UInt8] = []
    /// The text of each literal, in its pieces between what is interpolated.
    private(set) var literals: [[String]] = []
    private let source: [UInt8]
    private var place = 0

    init(_ source: some Sequence<UInt8>) {
        self.source = Array(source)
        code.reserveCapacity(self.source.count)
        readCode(until: nil)
    }

    private func begins(with text: StaticString) -> Bool {
        guard place + text.utf8CodeUnitCount <= source.count else { return false }
        return (0..<text.utf8CodeUnitCount).allSatisfy {
            source[place + $0] == text.utf8Start[$0]
        }
    }

    /// Copies code, to the parenthesis that ends an interpolation or to the end of the file.
    private mutating func readCode(until end: UInt8?) {
        var depth = 0
        while place < source.count {
            let byte = source[place]
            switch byte {
            case UInt8(ascii: "/") where begins(with: "//"):
                while place < source.count, source[place] != UInt8(ascii: "\n") { place += 1 }
            case UInt8(ascii: "/") where begins(with: "/*"):
                skipBlockComment()
            case UInt8(ascii: "\""):
                skipLiteral(hashes: 0)
            case UInt8(ascii: "#"):
                let hashes = source[place...].prefix { $0 == UInt8(ascii: "#") }.count
                place += hashes
                if place < source.count, source[place] == UInt8(ascii: "\"") {
                    skipLiteral(hashes: hashes)
                } else {
                    code += Array(repeating: byte, count: hashes)
                }
            default:
                place += 1
                if byte == end {
                    if depth == 0 { return }
                    depth -= 1
                } else if end != nil, byte == UInt8(ascii: "(") {
                    depth += 1
                }
                code.append(byte)
            }
        }
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if begins(with: "/*") {
                depth += 1
                place += 2
            } else if begins(with: "*/") {
                depth -= 1
                place += 2
            } else {
                place += 1
            }
        } while depth > 0 && place < source.count
        code.append(UInt8(ascii: " "))
    }

    /// Passes over a string literal, copying what is interpolated.
    private mutating func skipLiteral(hashes: Int) {
        let quotes = begins(with: "\"\"\"") ? 3 : 1
        place += quotes
        code.append(UInt8(ascii: " "))
        var pieces: [String] = []
        var start = place
        func piece(to end: Int) -> String { String(decoding: source[start..<end], as: UTF8.self) }
        func isRun(of byte: UInt8, _ count: Int, at start: Int) -> Bool {
            start + count <= source.count && source[start..<start + count].allSatisfy { $0 == byte }
        }
        while place < source.count {
            if source[place] == UInt8(ascii: "\\"),
                isRun(of: UInt8(ascii: "#"), hashes, at: place + 1)
            {
                let end = place
                place += 1 + hashes
                let isInterpolation = place < source.count && source[place] == UInt8(ascii: "(")
                place += 1
                if isInterpolation {
                    pieces.append(piece(to: end))
                    readCode(until: UInt8(ascii: ")"))
                    code.append(UInt8(ascii: " "))
                    start = place
                }
            } else if isRun(of: UInt8(ascii: "\""), quotes, at: place),
                isRun(of: UInt8(ascii: "#"), hashes, at: place + quotes)
            {
                literals.append(pieces + [piece(to: place)])
                place += quotes + hashes
                return
            } else {
                place += 1
            }
        }
    }
}
