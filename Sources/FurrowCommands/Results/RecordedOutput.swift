import Furrow
import FurrowSystem
import Glibc
import SystemPackage

/// What a worker's file holds of one attempt, looked at before it is believed.
struct RecordedOutput {
    /// Why the output cannot be shown.
    struct Gone: Error, CustomStringConvertible {
        let description: String
    }

    private static let pieceSize = 1 << 18

    private let path: String
    private let place: OutputRange
    private let file: OpenFile?

    /// - Parameters:
    ///   - place: its range, from the journal.
    ///   - path: the worker's file.
    /// - Throws: ``Gone`` if the file does not match the journal; ``Furrow/FileError`` if it cannot
    ///   be read.
    init(at place: OutputRange, in path: String) throws {
        self.path = path
        self.place = place
        guard place.length != 0 else {
            file = nil
            return
        }
        do {
            file = try OpenFile(path)
        } catch {
            if error.code == ENOENT { throw Gone(description: "\(path) is missing") }
            throw error
        }
        try check()
    }

    private func check() throws {
        guard let file else { return }
        let size = try file.status().size
        let (end, overflow) = place.offset.addingReportingOverflow(place.length)
        guard place.offset >= 0, place.length > 0, !overflow, end <= size else {
            throw Gone(description: "\(path) is shorter than the journal says")
        }
        guard let wanted = place.checksum else { return }
        var checksum = Checksum()
        try forEachPiece(from: 0) { checksum.add($0) }
        guard checksum.value == wanted else {
            throw Gone(description: "\(path) holds something else in its place")
        }
    }

    /// Writes it to standard output.
    ///
    /// - Parameter start: how much of it to leave out, in bytes.
    func copy(from start: Int, to output: inout BufferedOutput) throws {
        try forEachPiece(from: start) { try output.write(Array($0)) }
        try output.flush()
    }

    private func forEachPiece(
        from start: Int,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard let file else { return }
        var buffer = [UInt8](repeating: 0, count: Self.pieceSize)
        var done = min(start, place.length)
        while done < place.length {
            let count = try file.read(
                into: &buffer,
                most: place.length - done,
                at: place.offset + done
            )
            guard count > 0 else {
                throw Gone(description: "\(path) is shorter than the journal says")
            }
            try buffer.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            done += count
        }
    }
}
