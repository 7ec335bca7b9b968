import FurrowSystem

/// A list whose values end in NUL bytes, as `find -print0` writes it: a value may have any other
/// byte, also line feeds.
enum NullSeparated {
    /// The values, byte for byte, also empty ones. The last one need not end in a NUL. A byte order
    /// mark in front is passed over.
    static func values(of bytes: [UInt8]) -> [ParameterValue] {
        let text = bytes.dropFirst(TextEncoding.markLength(of: bytes))
        var parts = text.split(separator: 0, omittingEmptySubsequences: false)
        if parts.last?.isEmpty == true { parts.removeLast() }
        return parts.map { ParameterValue(Array($0)) }
    }
}
