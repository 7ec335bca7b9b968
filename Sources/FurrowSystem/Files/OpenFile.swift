import Glibc
import Synchronization
package import SystemPackage

/// A file that is open, with its path for what goes wrong. It is closed with its last reference.
package final class OpenFile: Sendable {
    package static let standardInput = OpenFile(STDIN_FILENO, as: "standard input")
    package static let standardOutput = OpenFile(STDOUT_FILENO, as: "standard output")
    package static let standardError = OpenFile(STDERR_FILENO, as: "standard error")

    /// Its path, or what it is.
    package let path: String
    private let descriptor: FileDescriptor
    private let isOpen = Atomic(true)

    /// For what only C can do with it.
    package var number: Int32 { descriptor.rawValue }

    /// Opens a file. Programs that this one starts do not get it.
    ///
    /// - Parameter permissions: those of a new one.
    package convenience init(
        _ path: String,
        _ mode: FileDescriptor.AccessMode = .readOnly,
        _ options: FileDescriptor.OpenOptions = [],
        permissions: FilePermissions = FilePermissions(rawValue: 0o666)
    ) throws(FileError) {
        let opened = try FileError.naming(path) {
            try FileDescriptor.open(
                path,
                mode,
                options: options.union(.closeOnExec),
                permissions: permissions,
                retryOnInterrupt: false
            )
        }
        self.init(opened.rawValue, as: path)
    }

    /// Takes over what is open under a number.
    package init(_ number: Int32, as path: String) {
        descriptor = FileDescriptor(rawValue: number)
        self.path = path
    }

    /// A pipe, also closed in programs that this one starts.
    package static func pipe() throws(FileError) -> (reading: OpenFile, writing: OpenFile) {
        let ends = try FileError.naming("pipe") {
            try FileDescriptor.pipe(options: .closeOnExec)
        }
        return (
            OpenFile(ends.readEnd.rawValue, as: "pipe"),
            OpenFile(ends.writeEnd.rawValue, as: "pipe")
        )
    }

    deinit { if isOpen.load(ordering: .relaxed) { try? descriptor.close() } }

    /// Closes it now: NFS may report a full disk or quota only here.
    package func close() throws(FileError) {
        guard isOpen.exchange(false, ordering: .relaxed) else { return }
        // Interrupted, it is closed all the same.
        do {
            try FileError.naming(path, attempts: 1) { try descriptor.close() }
        } catch let error where error.code == EINTR {
        }
    }

    // MARK: Reading

    /// Reads once.
    ///
    /// - Parameters:
    ///   - bytes: what is read replaces their beginning.
    ///   - most: how many are wanted; at most all.
    ///   - offset: where they begin; other threads may read at the same time. Default: where the last
    ///     ones ended.
    /// - Returns: how many were read; 0 at the end.
    package func read(
        into bytes: inout [UInt8],
        most: Int = .max,
        at offset: Int? = nil
    ) throws(FileError) -> Int {
        try naming {
            try bytes.withUnsafeMutableBytes {
                let buffer = UnsafeMutableRawBufferPointer(rebasing: $0.prefix(most))
                guard let offset else {
                    return try descriptor.read(into: buffer, retryOnInterrupt: false)
                }
                return try descriptor.read(
                    fromAbsoluteOffset: Int64(offset),
                    into: buffer,
                    retryOnInterrupt: false
                )
            }
        }
    }

    /// Reads a part. Other threads may read at the same time.
    ///
    /// - Parameters:
    ///   - count: how many bytes.
    ///   - offset: where they begin, in bytes.
    /// - Returns: the bytes, fewer if the file ends before.
    package func read(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
        try naming {
            try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                let buffer = UnsafeMutableRawBufferPointer(buffer)
                while initialized < count {
                    let got = try descriptor.read(
                        fromAbsoluteOffset: Int64(offset + initialized),
                        into: UnsafeMutableRawBufferPointer(rebasing: buffer[initialized..<count]),
                        retryOnInterrupt: false
                    )
                    if got == 0 { break }
                    initialized += got
                }
            }
        }
    }

    // MARK: Writing

    /// Writes all bytes.
    ///
    /// - Parameter offset: where; default: where the last ones ended, or at the end of a file that is
    ///   appended to.
    package func write(_ bytes: [UInt8], at offset: Int? = nil) throws(FileError) {
        var done = 0
        while done < bytes.count {
            done += try naming {
                try bytes[done...].withUnsafeBytes { rest in
                    guard let offset else {
                        return try descriptor.write(rest, retryOnInterrupt: false)
                    }
                    return try descriptor.write(
                        toAbsoluteOffset: Int64(offset + done),
                        rest,
                        retryOnInterrupt: false
                    )
                }
            }
        }
    }

    /// Writes a text past the standard library's buffers, so that one rank's text stays in one piece.
    /// Stops at an error: if the terminal is gone, nobody can be told.
    package func say(_ text: String) { try? write(Array(text.utf8)) }

    /// Goes to the end, which is returned.
    package func seekEnd() throws(FileError) -> Int {
        Int(try naming { try descriptor.seek(offset: 0, from: .end) })
    }

    /// Makes it longer or shorter.
    package func resize(to size: Int) throws(FileError) {
        try naming { try descriptor.resize(to: Int64(size), retryOnInterrupt: false) }
    }

    /// Has another one's number stand for this one.
    package func replace(_ other: OpenFile) throws(FileError) {
        _ = try naming {
            try descriptor.duplicate(as: other.descriptor, retryOnInterrupt: false)
        }
    }

    // MARK: What it is

    /// What the system knows of it.
    package func status() throws(FileError) -> Stat {
        try naming { try Stat(descriptor, retryOnInterrupt: false) }
    }

    /// What the system knows of a file that need not be open. Links are followed.
    package static func status(of path: String) throws(FileError) -> Stat {
        try FileError.naming(path) { try Stat(path, retryOnInterrupt: false) }
    }

    /// Whether it is no folder, pipe or device.
    func isRegular() throws(FileError) -> Bool { try status().type == .regular }

    private func naming<Result>(_ call: () throws -> Result) throws(FileError) -> Result {
        try FileError.naming(path, call)
    }
}
