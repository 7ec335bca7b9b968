/// What a text's first bytes say of its encoding.
package enum TextEncoding {
    /// How many bytes a byte order mark of UTF-8 takes at the beginning: programs on Windows write
    /// one in front of a text, and it is no part of it.
    package static func markLength(of bytes: some Collection<UInt8>) -> Int {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// Whether a byte order mark says that a text is UTF-16.
    package static func isUTF16(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    }
}
