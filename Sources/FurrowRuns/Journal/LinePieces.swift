import FurrowSystem

/// Reads a file line by line, a piece at a time, so that it need not fit into memory.
enum LinePieces {
    /// How much of a file is in memory at a time; a longer line is held whole.
    private static let size = 1 << 20

    /// Calls a closure with every whole line, without its line feed. After the last line feed there
    /// may be a line that is being written, or one that a killed writer left incomplete.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - start: where its first line begins, in bytes.
    ///   - body: called with a line and its position.
    /// - Throws: ``FileError`` if the file cannot be read, or an error of `body`.
    static func forEachLine(
        of path: String,
        from start: Int = 0,
        _ body: ([UInt8], Int) throws -> Void
    ) throws {
        let file = try InputFile.openRegular(path)
        var piece = [UInt8](repeating: 0, count: size)
        var line: [UInt8] = []
        var (offset, end) = (start, start)
        while true {
            let count = try file.read(into: &piece, at: end)
            guard count > 0 else { return }
            end += count
            var rest = piece[..<count]
            while let feed = rest.firstIndex(of: UInt8(ascii: "\n")) {
                line += rest[..<feed]
                rest = rest[(feed + 1)...]
                try body(line, offset)
                offset += line.count + 1
                line.removeAll(keepingCapacity: true)
            }
            line += rest
        }
    }
}
