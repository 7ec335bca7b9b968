extension [UInt8] {
    /// Appends eight bytes.
    mutating func append(integer value: Int) {
        Swift.withUnsafeBytes(of: value) { append(contentsOf: $0) }
    }

    /// Reads an integer written by ``append(integer:)``.
    func integer(at offset: Int) -> Int {
        precondition(offset >= 0 && offset + 8 <= count, "a message is too short")
        return withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Int.self) }
    }
}
