internal import Foundation
import Furrow

/// A file that is written piece by piece and takes the place of an older one when it is whole.
final class StreamedFile {
    private static let bufferSize = 1 << 18

    private let path: String
    private let new: String
    private let handle: FileHandle
    private var buffer: [UInt8] = []

    init(_ path: String) throws {
        self.path = path
        new = "\(path).new"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError(new) }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func write(_ bytes: [UInt8]) throws {
        buffer += bytes
        if buffer.count >= Self.bufferSize { try flush() }
    }

    func finish() throws {
        try flush()
        try handle.close()
        guard rename(new, path) == 0 else { throw FileError(path) }
    }

    private func flush() throws {
        try handle.write(contentsOf: buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
