import Glibc

/// Reads a part of a file, which other threads may read at the same time.
///
/// - Parameters:
///   - count: how many bytes.
///   - offset: where they begin, in bytes.
/// - Returns: the bytes, fewer if the file ends before; `nil` on failure, with the reason in `errno`.
package func readPart(_ count: Int, at offset: Int, of descriptor: Int32) -> [UInt8]? {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        while initialized < count {
            let got = pread(
                descriptor,
                buffer.baseAddress.map { $0 + initialized },
                count - initialized,
                off_t(offset + initialized)
            )
            if got < 0, errno == EINTR { continue }
            if got < 0 { code = errno }
            guard got > 0 else { return }
            initialized += got
        }
    }
    errno = code
    return code == 0 ? bytes : nil
}
